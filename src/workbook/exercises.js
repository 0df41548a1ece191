// The buttons of an exercise. They put code into a NEW cell below the exercise's and replace nothing.

function insertBelow(el, source) {
  // JupyterLab and Notebook 7, started with --LabApp.expose_app_in_browser=True
  const app = window.jupyterapp;
  const notebook = app?.shell?.currentWidget?.content;
  const index = notebook?.widgets?.findIndex((cell) => cell.node?.contains(el)) ?? -1;
  if (index < 0) return false;
  notebook.activeCellIndex = index;
  notebook.deselectAll?.();
  return app.commands.execute("notebook:insert-cell-below").then(() => {
    notebook.activeCell.model.sharedModel.setSource(source);
    notebook.activeCell.editor?.focus();
    return true;
  });
}

export default {
  render({ model, el }) {
    const make = (tag, text, parent = el) => {
      const node = document.createElement(tag);
      node.textContent = text;
      node.dataset.lmSuppressShortcuts = true; // JupyterLab looks for it on what has the focus first
      parent.append(node);
      return node;
    };
    el.style.cssText = "display: flex; flex-wrap: wrap; gap: 0.5em; align-items: center";
    const name = model.get("name");
    const began = Date.now();
    let timer;

    async function put(source, call) {
      const code = `%%exercise ${name}\n${source}`;
      for (const old of el.querySelectorAll(".wb-put")) old.remove();
      if (await insertBelow(el, code)) return;
      const note = make("div", "");
      note.className = "wb-put";
      note.style.flexBasis = "100%";
      note.setAttribute("role", "status");
      make("p", `This page cannot add a cell. Run ${call} in a cell of your own, or copy this:`, note);
      make("pre", code, note);
    }

    function draw() {
      clearInterval(timer);
      el.replaceChildren();
      if (model.get("running")) {
        const status = make("p", "");
        status.setAttribute("role", "status");
        timer = setInterval(() => {
          const seconds = Math.floor((Date.now() - began) / 1000);
          status.textContent = `Running, ${seconds} s. The stop button of the notebook ends it.`;
        }, 1000);
        return;
      }
      const runs = model.get("runs");
      make("button", "Starter in a new cell").onclick = () =>
        put(model.get("starter"), `reset("${name}")`);
      if (!runs.length) return;
      const label = make("label", " Earlier run: ");
      const select = make("select", "", label);
      for (const run of runs) make("option", `${run.n}: ${run.summary}`, select);
      select.selectedIndex = runs.length - 1;
      make("button", "Put into a new cell").onclick = () => {
        const run = runs[select.selectedIndex];
        put(run.source, `restore("${name}", ${run.n})`);
      };
    }

    model.on("change:running", draw);
    draw();
    return () => clearInterval(timer);
  },
};
