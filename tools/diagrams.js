// Draws mermaid diagrams with the mermaid of JupyterLab, whose scripts the page has loaded.
// diagrams.py runs this in a Chromium: [{where, source}, ...] -> [[light svg, dark svg], ...].
// Labels are SVG text in a font whose widths are Arial's, so that they fit their boxes everywhere.
async (diagrams) => {
  const light = {
    background: "#ffffff", textColor: "#222832", lineColor: "#52606f", titleColor: "#222832",
    primaryColor: "#e8f1fb", primaryTextColor: "#222832", primaryBorderColor: "#3b6ea5",
    secondaryColor: "#eef4ea", secondaryTextColor: "#222832", secondaryBorderColor: "#5b8a3c",
    tertiaryColor: "#f6f7f9", tertiaryTextColor: "#222832", tertiaryBorderColor: "#9aa5b1",
    noteBkgColor: "#fdf6df", noteTextColor: "#222832", noteBorderColor: "#b58a1b",
    activationBkgColor: "#cfe1f5", activationBorderColor: "#3b6ea5", edgeLabelBackground: "#ffffff",
  };
  const dark = {
    darkMode: true,
    background: "#14181e", textColor: "#dde4ea", lineColor: "#a3b0bd", titleColor: "#dde4ea",
    primaryColor: "#1f3147", primaryTextColor: "#e6ecf2", primaryBorderColor: "#7fb0e4",
    secondaryColor: "#23351f", secondaryTextColor: "#e6ecf2", secondaryBorderColor: "#93c572",
    tertiaryColor: "#1c222a", tertiaryTextColor: "#e6ecf2", tertiaryBorderColor: "#6b7885",
    noteBkgColor: "#3a3013", noteTextColor: "#f3ead0", noteBorderColor: "#d1a93a",
    activationBkgColor: "#31506f", activationBorderColor: "#7fb0e4", edgeLabelBackground: "#14181e",
  };
  const chunks = Object.keys(self).find((key) => key.endsWith("Chunk_jupyterlab_application_top"));
  const lab = await new Promise((found) => self[chunks].push([["workbook"], {}, found]));
  await lab.I("default");
  const [shared] = Object.values(lab.S.default["@jupyterlab/mermaid"]);
  const { MermaidManager } = (await shared.get())();
  const mermaid = await new MermaidManager({ themes: null }).getMermaid();

  const box = document.body.appendChild(document.createElement("div"));
  const draw = async (source, themeVariables) => {
    mermaid.initialize({
      startOnLoad: false, securityLevel: "strict", htmlLabels: false, deterministicIds: true,
      state: { nodeSpacing: 90, rankSpacing: 60 }, flowchart: { rankSpacing: 60 },
      fontFamily: "Liberation Sans, Arial, Helvetica, sans-serif", theme: "base", themeVariables,
    });
    box.innerHTML = (await mermaid.render("diagram", source)).svg;
    const svg = box.firstElementChild;
    const [, , width, height] = svg.getAttribute("viewBox").split(" ").map(Number);
    svg.removeAttribute("style");
    svg.setAttribute("width", Math.ceil(width));
    svg.setAttribute("height", Math.ceil(height));
    return new XMLSerializer().serializeToString(svg) + "\n";
  };
  const drawn = [];
  for (const { where, source } of diagrams) {
    try {
      drawn.push([await draw(source, light), await draw(source, dark)]);
    } catch (error) {
      throw new Error(`${where}: ${error.message}`);
    }
  }
  return drawn;
}
