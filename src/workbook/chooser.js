// Makes a decision aid of its static HTML (chooser.html): answers become radio buttons, and the
// arguments gather, for and against, at the options that they speak of. Nothing leaves the page.

let groups = 0;
// JupyterLab's keys would act on cells; it looks for this on what has the focus.
const HELD_OFF = { "data-lm-suppress-shortcuts": "true" };

/** Make an element; text and nodes become its children. */
function h(tag, attributes, ...children) {
	const node = document.createElement(tag);
	for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
	node.append(...children);
	return node;
}

const arguments_ = (node) => [...node.querySelectorAll("[data-side]")];
const count = (list, side) => list.filter((one) => one.dataset.side === side).length;
const balance = (list) => count(list, "pro") - count(list, "con");

function choice(name, ...label) {
	const input = h("input", { type: "radio", name, ...HELD_OFF });
	return { input, label: h("label", {}, input, h("span", {}, ...label)) };
}

/** Build the controls; return how to ask for all arguments that the reader's answers bring up. */
function ask(field, changed) {
	const name = `wb-force-${++groups}`;
	const list = field.querySelector("ul");
	const answers = [...list.children].map((item) => {
		const said = arguments_(item);
		const { input, label } = choice(name, ...item.querySelector(".wb-text").childNodes);
		item.replaceChildren(label);
		return { input, said };
	});
	const open = choice(name, "Open, or it makes no difference");
	open.input.checked = true;
	list.append(h("li", {}, open.label));
	field.addEventListener("change", changed);
	return {
		given: () => answers.find(({ input }) => input.checked)?.said,
		reset: () => (open.input.checked = true),
	};
}

function side(list, key, title) {
	const lines = list.filter((one) => one.dataset.side === key);
	const items = lines.map((one) => h("li", {}, ...one.querySelector("span").cloneNode(true).childNodes));
	return h("div", { class: `wb-${key}` }, h("p", {}, h("strong", {}, title)), h("ul", {}, ...items));
}

export function enhance(root) {
	root.classList.add("wb-live");
	root.querySelector(".wb-hint").textContent = "Answer what you know. Each option is argued for and against below.";
	const forces = [...root.querySelectorAll(".wb-force")].map((field) => ask(field, show));
	const options = [...root.querySelectorAll(".wb-option")].map((box) => {
		const name = box.querySelector(".wb-name");
		return { box, name, key: box.dataset.option, title: name.textContent, always: arguments_(box) };
	});
	const told = h("p", { role: "status" });
	const again = h("button", { type: "button", ...HELD_OFF }, "Begin again");
	again.addEventListener("click", () => {
		forces.forEach((force) => force.reset());
		show();
		root.querySelector("input:checked").focus();
	});
	root.querySelector(".wb-always").replaceWith(told);
	const cases = h("div", { class: "wb-cases" }, ...options.map(({ box }) => box));
	root.append(cases, h("p", {}, again));

	function show() {
		const given = forces.map((force) => force.given()).filter(Boolean);
		const heard = options.map((option) => {
			const list = given.flat().filter((one) => one.dataset.option === option.key);
			return { ...option, list, score: balance(list) };
		});
		heard.sort((a, b) => b.score - a.score);
		for (const { box, name, title, list, always } of heard) {
			const all = [...list, ...always];
			const tally = h("span", { class: "wb-tally" }, `By your answers: ${count(list, "pro")} for, ${count(list, "con")} against`);
			box.replaceChildren(name, tally, side(all, "pro", `For ${title}`), side(all, "con", `Against ${title}`));
			cases.append(box);
		}
		const best = heard.filter(({ score }) => score === heard[0].score);
		const names = best.map(({ title }) => title).join(" and ");
		const answered = `${given.length} of ${forces.length} answered.`;
		const leans = best.length < heard.length ? `Your forces lean towards ${names}. Now read what stands against it: that is what you will be asked.` : "They do not lean to any side yet.";
		told.textContent = given.length ? `${answered} ${leans}` : "Nothing answered yet: this is what holds in any case.";
	}
	show();
}

export default {
	render({ model, el }) {
		el.innerHTML = model.get("html"); // our own, in which nothing can run
		enhance(el.querySelector(".wb-chooser"));
	},
};

if (!import.meta.url.startsWith("blob:")) document.querySelectorAll(".wb-chooser:not(.wb-live)").forEach(enhance);
