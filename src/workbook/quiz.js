// Every question's front end: builds the controls out of static HTML (quiz.html), grades, and hands
// attempts to the kernel's log, through a queue that outlives kernel and page, or to the browser.

const APP = "python-architecture-workbook";

let count = 0;
const fresh = () => `wb-${++count}`;

/** Make an element, "tag.class"; functions become listeners. */
function h(kind, attributes, ...children) {
	const [tag, css] = kind.split(".");
	const node = document.createElement(tag);
	if (css) node.className = css;
	for (const [name, value] of Object.entries(attributes ?? {}))
		if (typeof value === "function") node.addEventListener(name, value);
		else if (typeof value === "boolean") node.toggleAttribute(name, value);
		else node.setAttribute(name, value);
	node.append(...children);
	return node;
}

const button = (text, click, more) => h("button", { type: "button", click, ...more }, text);
const plural = (n, noun) => `${n} ${noun}${n === 1 ? "" : "s"}`;
const words = (node) => node.textContent.trim().replace(/\s+/g, " ");
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
const ordered = (numbers) => [...numbers].sort((a, b) => a - b);
const random = () => crypto.getRandomValues(new Uint32Array(1))[0];
// randomUUID needs a secure page
const uuid = () =>
	"10000000-1000-4000-8000-100000000000".replace(/[018]/g, (c) => (c ^ (random() & (15 >> (c / 4)))).toString(16));

function fail(why) {
	throw new Error(why);
}

function attempt(work) {
	try {
		return { value: work() };
	} catch (error) {
		return { problem: error.message };
	}
}

/** Shuffle a copy by a seed, alike in every browser (FNV-1a, mulberry32). */
export function shuffled(list, seed) {
	let state = 2166136261;
	for (const letter of seed) state = Math.imul(state ^ letter.codePointAt(0), 16777619);
	const below = (n) => {
		let t = (state = (state + 0x6d2b79f5) | 0);
		t = Math.imul(t ^ (t >>> 15), t | 1);
		t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
		return ((t ^ (t >>> 14)) >>> 0) % n;
	};
	const copy = [...list];
	for (let i = copy.length; i > 1; ) {
		const j = below(i--);
		[copy[i], copy[j]] = [copy[j], copy[i]];
	}
	return copy;
}

// ---- what a learner may type

const ESCAPES = { "\\": 92, "'": 39, '"': 34, a: 7, b: 8, f: 12, n: 10, r: 13, t: 9, v: 11 };
const D = String.raw`\d(?:_?\d)*`;
const FLOAT = new RegExp(String.raw`(?:${D}\.(?:${D})?|\.${D})(?:e[-+]?${D})?|${D}e[-+]?${D}`, "iy");
const INTEGER = /0x(?:_?[\da-f])+|0o(?:_?[0-7])+|0b(?:_?[01])+|0(?:_?0)*|[1-9](?:_?\d)*/iy;
const STRING = /([a-z]*)(?:("""|''')((?:\\[^]|(?!\2)[^\\])*)\2|(["'])(?!\4\4)((?:\\[^]|(?!\4)[^\\\n])*)\4)\s*/iy;
const X = "[\\da-fA-F]";
const LETTER = RegExp(String.raw`\\(\n|[0-7]{1,3}|x${X}{2}|u${X}{4}|U00(?:10|0${X})${X}{4}|[^])|[^]`, "gu");

/** Return a text that is the same for literals that are `==` in Python, or throw what is wrong. */
export function literal(text) {
	let at = 0;
	const take = (pattern) => {
		pattern.lastIndex = at;
		const found = pattern.exec(text);
		if (found) at = pattern.lastIndex;
		return found;
	};
	const next = () => (take(/(\s|#.*)*/y), text[at]);
	const fixed = ({ code, mutable }) =>
		mutable ? fail("a list, dict or set is neither a key nor in a set") : code;

	function string() {
		const kinds = new Set();
		const points = [];
		for (let found; (found = take(STRING)); ) {
			const [, prefix, , long, , short] = found;
			const body = long ?? short;
			const raw = /r/i.test(prefix);
			const bytes = /b/i.test(prefix);
			if (!/^([rbu]?|br|rb)$/i.test(prefix)) fail(`${prefix}'…' is no literal`);
			if (bytes && /[^\0-\x7f]/.test(body)) fail("bytes hold ASCII only");
			kinds.add(bytes ? "b" : "s");
			for (const [all, escape] of body.matchAll(LETTER)) {
				const plain = [...all].map((letter) => letter.codePointAt(0));
				if (raw || !escape) points.push(...plain);
				else if (escape in ESCAPES) points.push(ESCAPES[escape]);
				else if (/[0-7]/.test(escape[0])) points.push(parseInt(escape, 8) & (bytes ? 255 : 511));
				else if (escape[1] && (escape[0] === "x" || !bytes)) points.push(parseInt(escape.slice(1), 16));
				else if ((bytes ? "x" : "xuUN").includes(escape)) fail(`\\${escape} is not complete, or not known here`);
				else if (escape !== "\n") points.push(...plain);
			}
		}
		if (!kinds.size) fail("a string has no closing quote");
		if (kinds.size > 1) fail("text and bytes do not join");
		return { code: [...kinds] + points };
	}

	function number(sign) {
		next();
		const float = take(FLOAT);
		const digits = (float ?? take(INTEGER) ?? fail("a number is missing or not plain"))[0].replaceAll("_", "");
		if (/[\w.]/.test(text[at] ?? "")) fail(`${digits}${text[at]}… is no number`);
		const value = float ? sign * digits : BigInt(sign) * BigInt(digits);
		return { code: `n${float && Number.isInteger(value) ? BigInt(value) : value}` };
	}

	function items(close, read = value) {
		const found = [];
		for (found.comma = true; next() !== close; ) {
			if (!found.comma) fail(`a comma or ${close ?? "end"} is missing`);
			found.push(read());
			found.comma = next() === ",";
			at += found.comma;
		}
		at++;
		return found;
	}

	const codes = (values) => values.map(({ code }) => code).join(";");
	const tuple = (values) => ({ code: `(${codes(values)})`, mutable: values.some((v) => v.mutable) });

	function braces() {
		const found = items("}", () => {
			const key = fixed(value());
			return next() === ":" ? (at++, [key, value().code]) : [key];
		});
		const width = found[0]?.length ?? 2;
		if (found.some((pair) => pair.length !== width)) fail("a dict has key: value throughout, a set no colon");
		const entries = [...new Map(found)].map(([key, of]) => (width === 2 ? `${key}:${of}` : key));
		return { code: `{${width}${entries.sort().join(";")}}`, mutable: true };
	}

	function value() {
		const first = next() ?? fail("something is missing at the end");
		if (take(/\[/y)) return { code: `[${codes(items("]"))}]`, mutable: true };
		if (take(/\{/y)) return braces();
		if (take(/set\s*\(\s*\)/y)) return { code: "{1}", mutable: true };
		if (take(/\(/y)) {
			const found = items(")");
			return found.length === 1 && !found.comma ? found[0] : tuple(found);
		}
		if (take(/[-+]/y)) return number(first === "-" ? -1 : 1);
		if (/[\d.]/.test(first)) return number(1);
		if (/^[a-z]{0,2}["']/i.test(text.slice(at))) return string();
		const name = take(/[\p{L}_][\p{L}\p{N}_]*/uy)?.[0] ?? fail(`${first} is not expected here`);
		const code = { True: "n1", False: "n0", None: "N" }[name];
		return { code: code ?? fail(`${name} is a name; text needs quotes: '${name}'`) };
	}

	const found = items(undefined);
	return (found.length === 1 && !found.comma ? found[0] : found.length ? tuple(found) : value()).code;
}

/** A literal, or the name of an exception: KeyError, json.JSONDecodeError. */
export function meaning(text) {
	const name = text.trim().match(/^(?:\w+\.)*([A-Z]\w*)(?:\(.*\)|:.*)?$/s)?.[1];
	return name && !["True", "False", "None"].includes(name) ? `!${name}` : literal(text);
}

/** Read a number, with or without its unit; throw where it is ambiguous. */
export function quantity(text, unit = "") {
	const plain = text.trim().replace(/^[≈~]\s*/, "").replace(/^[−–]/, "-").replaceAll("_", "");
	const [, digits, rest] = plain.match(/^([-+\d.,]*\d[\d.,]*(?:e[-+]?\d+)?)\s*(.*)$/is) ?? fail("Write a number.");
	if (rest && rest.toLowerCase() !== unit.toLowerCase())
		fail(`Give a plain number${unit && ` in ${unit}`}.`);
	if (/[1-9],\d{3}(\D|$)/.test(digits)) fail("With that comma it can be read in two ways: leave it out.");
	const value = Number(digits.replace(",", "."));
	return isFinite(value) ? value : fail("Write a number.");
}

// A kind builds its controls and returns read(), which throws what is missing; write(answer);
// show(answer, all), which marks in place and returns what to say; and, at need, fits(answer, key),
// clear(), shuffle(seed), solution().

const mark = () => h("strong.wb-mark");

function paint(item, right, text = right ? "right" : "wrong") {
	item.classList.add(right ? "wb-right" : "wb-wrong");
	item.querySelector(".wb-mark").textContent = `${right ? "✓" : "✗"} ${text}`;
}

function rows(list, tag = "span") {
	list.removeAttribute("type");
	return [...list.children].map((li, index) => {
		const text = h(`${tag}.wb-text`, null, ...li.childNodes);
		li.append(text);
		return { li, text, index, name: li.dataset.name };
	});
}

const arrange = (list, items) => list.append(...items.map(({ li }) => li));
const copy = (item) => item.text.cloneNode(true);

function choice(q) {
	const one = q.kind === "single";
	const list = q.find(".wb-options");
	const name = fresh();
	const items = rows(list);
	for (const item of items) {
		item.right = [q.key].flat().includes(item.index);
		item.why = h("div.wb-why", { id: fresh(), hidden: true }, ...q.whys[item.index].nodes);
		item.input = h("input", { type: one ? "radio" : "checkbox", name, "aria-describedby": item.why.id });
		item.li.append(h("label", null, item.input, item.text, mark()), item.why);
	}
	const chosen = () => items.filter(({ input }) => input.checked);
	return {
		read() {
			const found = chosen().map(({ index }) => index);
			if (!found.length) fail(one ? "Choose an option first." : "Mark at least one option.");
			return one ? found[0] : found;
		},
		write: (answer) => [answer].flat().forEach((index) => (items[index].input.checked = true)),
		fits: (answer, key) => same(ordered([answer].flat()), ordered([key].flat())),
		show(answer, all) {
			for (const { li, right, why, input } of items)
				if (all || input.checked) {
					paint(li, right);
					why.hidden = false;
				}
			const right = chosen().filter((item) => item.right).length;
			const missed = items.filter((item) => item.right).length - right;
			const whys = chosen().map(({ why }) => words(why)).join(" "); // seen beside the options
			return [
				one || all ? "" : `${right} of your ${plural(chosen().length, "mark")} right, ${missed} missed.`,
				h("span.wb-unseen", null, whys),
			];
		},
		clear: () => items.forEach(({ why }) => (why.hidden = true)),
		shuffle: (seed) => arrange(list, shuffled(items, seed)),
	};
}

function order(q) {
	const list = q.find(".wb-options");
	const items = rows(list);
	const find = (name) => items.find((item) => item.name === name);
	const now = () => [...list.children].map((li) => li.dataset.name);
	function move({ li, text }, by) {
		const focused = document.activeElement;
		if (by < 0) li.previousElementSibling?.before(li);
		else li.nextElementSibling?.after(li);
		focused.focus();
		q.notify(`${words(text)}: now ${[...list.children].indexOf(li) + 1} of ${items.length}.`);
	}
	for (const item of items) {
		const mover = (arrow, by, where) =>
			button(arrow, () => move(item, by), { class: "wb-move", "aria-label": `Move ${where}: ${words(item.text)}` });
		item.li.append(mark(), mover("↑", -1, "up"), mover("↓", 1, "down"));
		item.li.addEventListener("keydown", (event) => {
			const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
			if (!by) return;
			event.preventDefault();
			move(item, by);
		});
	}
	return {
		read: now,
		write: (answer) => arrange(list, answer.map(find)),
		fits: same,
		show(answer) {
			const right = q.key.filter((name, place) => name === answer[place]);
			for (const { li, name } of items) paint(li, right.includes(name), right.includes(name) ? "in place" : "elsewhere");
			return [`${right.length} of ${items.length} in place.`];
		},
		shuffle(seed) {
			const row = shuffled(items, seed);
			if (same(row.map(({ name }) => name), q.key)) row.push(row.shift()); // not the answer itself
			arrange(list, row);
		},
		solution: () => h("ol", null, ...q.key.map((name) => h("li", null, copy(find(name))))),
	};
}

function match(q) {
	const list = q.find(".wb-left");
	const right = q.find(".wb-right");
	const texts = Object.fromEntries([...right.children].map((li) => [li.dataset.name, words(li)]));
	right.remove();
	const items = rows(list, "label");
	for (const item of items) {
		item.select = h("select", { id: (item.text.htmlFor = fresh()) });
		item.li.append(item.select, mark());
	}
	return {
		read() {
			const missing = items.filter(({ select }) => !select.value).length;
			if (missing) fail(`Choose a partner for ${missing === 1 ? "the one" : `the ${missing}`} left.`);
			return Object.fromEntries(items.map(({ name, select }) => [name, select.value]));
		},
		write: (answer) => items.forEach(({ name, select }) => (select.value = answer[name])),
		fits: (answer, key) => items.every(({ name }) => answer[name] === key[name]),
		show(answer) {
			const right = items.filter(({ name }) => answer[name] === q.key[name]);
			for (const item of items) paint(item.li, right.includes(item));
			return [`${right.length} of ${items.length} right.`];
		},
		shuffle(seed) {
			arrange(list, shuffled(items, `${seed} left`));
			const names = ["", ...shuffled(Object.keys(texts), seed)];
			for (const { select } of items) {
				const { value } = select;
				select.replaceChildren(...names.map((name) => h("option", { value: name }, texts[name] ?? "choose…")));
				select.value = value;
			}
		},
		solution: () =>
			h("ul", null, ...items.map((item) => h("li", null, ...copy(item).childNodes, ` → ${texts[q.key[item.name]]}`))),
	};
}

/** A line of text, for `number` and `predict`. */
function typed(q) {
	const { unit, tolerance = 0 } = q.field.dataset;
	const number = q.kind === "number";
	const input = h("input", {
		id: fresh(), type: "text", class: number ? "wb-short" : "wb-code", inputmode: number ? "decimal" : "text",
		autocomplete: "off", autocapitalize: "off", spellcheck: "false", maxlength: 2000,
		keydown: (event) => event.key === "Enter" && !event.isComposing && q.check(),
	});
	const hint = number ? unit && `in ${unit}` : "a Python value, or an exception’s name";
	q.body.append(h("label", { for: input.id }, "Your answer", hint ? `, ${hint}` : ""), input);
	const near = (one, other) => Math.abs(one - other) <= +tolerance + 1e-9 * Math.abs(other);
	return {
		read() {
			const text = input.value.trim() || fail("Write your answer first.");
			if (number) return quantity(text, unit);
			const { problem } = attempt(() => meaning(text));
			return problem ? fail(`Neither a Python value nor an exception’s name: ${problem}.`) : text;
		},
		write: (answer) => (input.value = answer),
		fits: number ? near : (answer, key) => meaning(answer) === meaning(key),
		show: () => [],
		solution: () => h("p", null, h("code", null, q.key), unit ? ` ${unit}` : ""),
	};
}

function line(q) {
	const listing = q.find(".wb-listing");
	const items = listing.textContent.split("\n").map((text, i) => {
		const input = h("input", { type: "checkbox", "aria-label": `Line ${i + 1}: ${text.trim()}` });
		if (!text.trim()) input.style.visibility = "hidden";
		const gutter = h("span.wb-gutter", null, input, `${i + 1}`);
		return { input, number: i + 1, li: h("li", null, h("label", null, gutter, h("code", null, text), mark())) };
	});
	const notes = h("ul");
	const list = h("ol.wb-lines", null, ...items.map(({ li }) => li));
	listing.replaceWith(h("div.wb-scroll", { role: "group", "aria-label": "Listing" }, list));
	q.body.append(notes);
	const say = (what, numbers) => (numbers.length ? `${what}: line ${numbers.join(", line ")}. ` : "");
	return {
		read() {
			const found = items.filter(({ input }) => input.checked).map(({ number }) => number);
			return found.length ? found : fail("Mark at least one line.");
		},
		write: (answer) => answer.forEach((number) => (items[number - 1].input.checked = true)),
		fits: (answer, key) => same(ordered(answer), ordered(key)),
		show(answer, all) {
			for (const { li, number: n } of items) {
				const [due, given] = [q.key.includes(n), answer.includes(n)];
				if (due || given) paint(li, due && given, !due ? "not this one" : given ? "found" : "missed");
				if ((due || given || all) && q.why(n)[0]) notes.append(h("li", null, `Line ${n}: `, ...q.why(n)));
			}
			const [missed, wrong] = [q.key.filter((n) => !answer.includes(n)), answer.filter((n) => !q.key.includes(n))];
			return [say("Missed", ordered(missed)), say("Marked wrongly", wrong)];
		},
		clear: () => notes.replaceChildren(),
	};
}

/** The learner's own words, scored by a rubric. */
function open(q) {
	const text = h("textarea", { id: fresh(), rows: 5, maxlength: 20000 });
	const list = q.find(".wb-rubric");
	const points = rows(list).map(({ li, text: point }) => {
		const input = h("input", { type: "checkbox" });
		li.append(h("label", null, input, point));
		return input;
	});
	const told = h("div", null, h("strong", null, "A model answer"), q.find(".wb-key"),
		h("strong", null, "Which points did you make?"), list);
	q.body.append(h("label", { for: text.id }, "Your answer, in a few lines"), text, told);
	const stage = (compare) => {
		told.hidden = !compare;
		q.checkButton.textContent = compare ? "Record my points" : "Compare with the model answer";
	};
	return {
		read() {
			if (told.hidden) {
				stage(true);
				fail("Tick the points that you made, then record them.");
			}
			return { text: text.value, points: points.flatMap((input, i) => (input.checked ? [i] : [])) };
		},
		write(answer) {
			text.value = answer.text;
			for (const i of answer.points) points[i].checked = true;
		},
		show(answer) {
			stage(true);
			return [`${answer.points.length} of ${plural(points.length, "point")}.`];
		},
		clear: () => stage(false),
	};
}

const KINDS = { single: choice, multiple: choice, order, match, number: typed, predict: typed, line, open };

// ---- one question

class Question {
	constructor(field, quiz) {
		const { ref, kind, hash, key = null } = field.dataset;
		Object.assign(this, { field, quiz, ref, kind, hash, key: JSON.parse(key) });
		this.whys = this.all(".wb-whys > dt").map((dt) => ({
			answer: JSON.parse(dt.dataset.for ?? null),
			nodes: [...dt.nextElementSibling.childNodes],
		}));
		this.body = h("div.wb-body");
		this.checkButton = button("Check", () => this.check(), { class: "wb-check" });
		this.retryButton = button("Retry", () => this.retry());
		this.revealButton = button("Show answer", () => this.show(this.past.data.answer, true));
		this.verdict = h("div");
		this.notice = h("p.wb-note");
		this.status = h("div.wb-status", null, this.verdict, this.notice);
		this.after = h("div.wb-after");
		const actions = h("div.wb-actions", null, this.checkButton, this.retryButton, this.revealButton);
		const folded = this.find(".wb-answer");
		folded.before(this.body, actions, this.status, this.after);
		this.kindOf = KINDS[kind](this);
		this.after.append(...this.all(".wb-explanation, .wb-source, .wb-proof"));
		folded.remove();
		this.proof(this.find(".wb-proof"));
		field.addEventListener("focusin", () => (this.started ??= performance.now()));
		this.clear();
	}

	find(selector) {
		return this.field.querySelector(selector);
	}

	all(selector) {
		return [...this.field.querySelectorAll(selector)];
	}

	why(answer) {
		return this.whys.find((why) => same(why.answer, answer))?.nodes ?? [];
	}

	notify(text) {
		this.notice.textContent = text;
	}

	grade(answer) {
		return this.kindOf.fits?.(answer, this.key) ?? null;
	}

	check() {
		if (this.checkButton.ariaDisabled === "true") return;
		const { value: answer, problem } = attempt(() => this.kindOf.read());
		if (problem) return this.notify(problem);
		const { ref, hash, started, quiz, past } = this;
		const data = { answer, correct: this.grade(answer), seed: quiz.seed, attempt: (past?.data.attempt ?? 0) + 1 };
		const seconds = started ? Math.round(performance.now() - started) / 1000 : null;
		const at = new Date().toISOString();
		this.past = { id: uuid(), kind: "answer", subject: ref, content_hash: hash, data, seconds, at };
		quiz.home.record(this.past);
		this.show(answer);
		refresh();
	}

	show(answer, reveal = false) {
		const { kindOf, key, verdict } = this;
		const correct = this.grade(answer);
		this.lock(true);
		this.notify("");
		kindOf.clear?.();
		const told = kindOf.show(answer, reveal || correct);
		const head = correct ? "✓ Right. " : reveal ? "The answer. " : correct === null ? "Recorded: " : "✗ Not right. ";
		const mistake = correct || reveal ? null : this.whys.find(
			(why) => why.answer !== null && typeof why.answer === typeof key && kindOf.fits(answer, why.answer));
		const why = correct || this.find(".wb-why") ? [] : mistake?.nodes ?? this.why(null);
		verdict.className = correct === null ? "" : correct ? "wb-right" : "wb-wrong";
		verdict.replaceChildren(h("strong", null, head), ...told, (reveal && kindOf.solution?.()) || "", h("div", null, ...why));
		this.revealButton.hidden = correct !== false || reveal;
		this.retryButton.hidden = this.after.hidden = false;
	}

	controls() {
		return this.all("input, select, textarea, .wb-move");
	}

	lock(locked) {
		for (const control of this.controls()) control.disabled = locked;
		this.checkButton.ariaDisabled = locked;
	}

	clear() {
		this.started = null;
		this.lock(false);
		for (const control of this.controls()) {
			control.checked = false;
			if (control.type !== "textarea") control.value = ""; // long words are kept for the next attempt
		}
		for (const item of this.all(".wb-right, .wb-wrong")) item.classList.remove("wb-right", "wb-wrong");
		for (const node of this.all(".wb-mark")) node.textContent = "";
		this.kindOf.clear?.();
		this.verdict.replaceChildren();
		this.notify("");
		this.retryButton.hidden = this.revealButton.hidden = this.after.hidden = true;
	}

	retry() {
		this.clear();
		this.controls()[0].focus();
	}

	restore(event) {
		this.clear();
		this.past = event;
		const { answer, correct } = event.data;
		const when = new Date(event.at).toLocaleDateString();
		const { problem } = attempt(() => {
			if (event.content_hash !== this.hash) fail("changed");
			this.kindOf.write(answer);
			this.show(answer);
		});
		if (problem) this.clear();
		const how = { true: " (right)", false: " (not right)" }[correct] ?? "";
		this.notify(`You answered this on ${when}${how}.${problem ? " The question has changed since." : ""}`);
	}

	proof(proof) {
		if (!proof) return;
		proof.firstChild.textContent = "Show me";
		if (!this.quiz.home.prove) return;
		const result = h("div.wb-result");
		const run = button("Run it", async () => {
			if (run.ariaDisabled === "true") return;
			run.ariaDisabled = true;
			const start = Date.now();
			const tick = () => (result.textContent = `Running beside your kernel: ${Math.round((Date.now() - start) / 1000)} s`);
			tick();
			const clock = setInterval(tick, 1000);
			this.notify("The proof is running.");
			const { error, raised, literal, value, output } = await this.quiz.home.prove(this.ref);
			clearInterval(clock);
			run.ariaDisabled = false;
			const what = error != null ? "It could not run: " : raised != null ? "It raised " : "It observed ";
			const found = error ?? raised ?? literal ?? JSON.stringify(value);
			result.replaceChildren(what, h("pre", null, found), ...(output ? ["It printed ", h("pre", null, output)] : []));
			this.notify(what + found.slice(0, 200));
		});
		proof.append(run, result);
	}
}

// ---- what a browser keeps

const memory = new Map(); // what the browser would not keep
let refused = false;
const store = {
	put(key, value) {
		const { problem } = attempt(() => localStorage.setItem(key, value));
		if (problem) memory.set(key, value);
		refused ||= !!problem;
		return !problem;
	},
	get: (key) => memory.get(key) ?? attempt(() => localStorage.getItem(key)).value,
	drop(key) {
		memory.delete(key);
		attempt(() => localStorage.removeItem(key));
	},
	keys(start) {
		const { value = [] } = attempt(() => Object.keys(localStorage));
		return [...value, ...memory.keys()].filter((key) => key.startsWith(start));
	},
};

/** Events, each under a key of its own: tabs never overwrite each other's. */
const box = (name) => ({
	put: (event) => store.put(name + event.id, JSON.stringify(event)),
	has: (id) => store.get(name + id) != null,
	drop: (id) => store.drop(name + id),
	clear: () => store.keys(name).forEach(store.drop),
	all: () => store.keys(name).flatMap((key) => attempt(() => JSON.parse(store.get(key))).value ?? []).sort(byTime),
});
const byTime = (a, b) => (a.at + a.id < b.at + b.id ? -1 : 1);
const shelf = box(`${APP}:event:`); // kept here: on a page, and as a mirror of a temporary session
const outbox = box(`${APP}:outbox:`); // waits for a kernel to say that it has it

/** Read a saved file, on a page. */
function unpack(text) {
	const { format, version, events } = attempt(() => JSON.parse(text)).value ?? {};
	if (format !== `${APP}/progress`) fail("This is no file of saved answers. Nothing was changed.");
	if (version !== 1) fail("A newer workbook saved this file. Nothing was changed: update this one first.");
	const good = ({ id, kind, subject, data, at }) =>
		/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(id) && Date.parse(at) && [kind, subject].every((s) => s && s.trim())
		&& typeof data === "object" && data;
	const bad = Array.isArray(events) ? events.findIndex((event) => !attempt(() => good(event)).value) : 0;
	return bad < 0 ? events : fail(`The file is damaged (entry ${bad + 1}). Nothing was changed.`);
}

function download(text) {
	const href = URL.createObjectURL(new Blob([text], { type: "application/json" }));
	h("a", { href, download: `workbook-answers-${new Date().toISOString().slice(0, 10)}.json` }).click();
}

// ---- the two homes

const page = {
	seed: new URLSearchParams(location.search).get("seed"),
	what: "all answers that this browser keeps",
	past: shelf.all,
	record: shelf.put,
	save: async () => download(JSON.stringify({ format: `${APP}/progress`, version: 1, events: shelf.all() })),
	async load(text) {
		const events = new Map(unpack(text).map((event) => [event.id, event]));
		const fresh = [...events.values()].filter(({ id }) => !shelf.has(id));
		if (!fresh.every(shelf.put)) {
			for (const { id } of fresh) shelf.drop(id);
			fail("This browser has no room for these answers. Nothing was changed.");
		}
		return { new: fresh.length, known: events.size - fresh.length };
	},
	forget: async () => shelf.clear(),
};

const kernels = []; // whoever can take what waits in the outbox
const made = []; // last answers from the log, and what was answered or loaded since
let trouble = "";
let pause = 2000;
let timer;

/** Send what waits, at growing intervals, until a kernel acknowledges it. */
function flush() {
	clearTimeout(timer);
	const waiting = kernels.length ? outbox.all() : [];
	const sent = waiting.map((event) => kernels[0].deliver(event));
	kernels.push(...kernels.splice(0, 1)); // another one next time: this one may be gone
	if (waiting.length) timer = setTimeout(flush, (pause = Math.min(pause * 2, 60000)));
	return Promise.all(sent);
}

function notebook(model) {
	const setup = model.get("setup");
	made.push(...(setup.past ?? []));
	const asked = new Map();
	model.on("msg:custom", ({ re, ...reply }) => {
		asked.get(re)?.(reply);
		asked.delete(re);
	});
	const send = (type, body = null) =>
		new Promise((resolve) => {
			const re = uuid();
			asked.set(re, resolve);
			const { problem } = attempt(() => model.send({ type, body, re }));
			if (problem) resolve({ error: problem });
		});
	const ask = async (...message) => {
		const reply = await send(...message);
		return reply.error ? fail(reply.error) : reply;
	};
	return {
		setup,
		ask,
		what: "all answers and exercise runs in your log, and what this browser keeps",
		past: () => [...made, ...outbox.all()],
		prove: (ref) => send("prove", ref),
		async deliver(event) {
			const { error = "" } = await send("append", event);
			trouble = error;
			if (!error) {
				outbox.drop(event.id);
				if (setup.temporary) shelf.put(event);
			}
			refresh();
		},
		record(event) {
			if (setup.silent) return;
			made.push(event);
			outbox.put(event);
			this.deliver(event);
			clearTimeout(timer);
			timer = setTimeout(flush, (pause = 2000));
			setTimeout(refresh, pause);
		},
		save: async () => download((await ask("export")).text),
		async load(text) {
			if (text.length > 9e6) fail("Too large to load here: use workbook.progress in a cell.");
			const reply = await ask("import", text);
			made.push(...JSON.parse(text).events);
			return reply;
		},
		async forget() {
			await ask("delete");
			shelf.clear();
			outbox.clear();
			made.length = 0;
		},
	};
}

// ---- one cell

const quizzes = new Set();
const refresh = () => quizzes.forEach((quiz) => quiz.refresh());

/** Boxes that scroll can be reached by keyboard. */
const scrollable = new ResizeObserver((changes) => {
	for (const { target } of changes)
		if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
		else target.removeAttribute("tabindex");
});

class Quiz {
	constructor(root, home) {
		Object.assign(this, { root, home });
		root.classList.add("wb-live");
		// JupyterLab's shortcuts stop at this mark, on what has the focus too
		const hold = ({ dataset }) => (dataset.lmSuppressShortcuts = true);
		hold(root);
		root.addEventListener("focusin", ({ target }) => hold(target));
		root.querySelector(".wb-hint").remove();
		this.questions = [...root.querySelectorAll(".wb-question")].map((field) => new Question(field, this));
		this.score = h("span");
		this.order = h("span.wb-note");
		this.note = h("p.wb-note", { role: "status" });
		const again = button("Retry all in a new order", () => this.again());
		root.append(h("div.wb-foot", null, this.score, this.order, again), this.note);
		const seed = home.seed ?? root.dataset.seed;
		this.box = `${APP}:seed:${this.questions[0].ref}`;
		this.shuffle(seed ?? store.get(this.box), !seed);
		this.restore();
		for (const { status } of this.questions) status.role = "status"; // from now on it speaks
		for (const box of root.querySelectorAll("pre, .wb-scroll")) scrollable.observe(box);
		quizzes.add(this);
	}

	shuffle(seed, keep) {
		this.seed = seed ?? random().toString(36).slice(-4);
		if (keep) store.put(this.box, this.seed);
		for (const { kindOf, ref } of this.questions) kindOf.shuffle?.(`${this.seed} ${ref}`);
		this.order.textContent = `Order: ${this.seed}`;
	}

	again() {
		for (const question of this.questions) question.clear();
		this.shuffle(null, true);
		this.questions[0].retry();
	}

	restore() {
		const given = this.home.past().filter(({ kind }) => kind === "answer").sort(byTime);
		const last = new Map(given.map((event) => [event.subject, event]));
		for (const question of this.questions)
			if (last.has(question.ref)) question.restore(last.get(question.ref));
			else question.clear((question.past = null));
		this.refresh();
	}

	refresh() {
		const { home: { setup }, questions } = this;
		const given = questions.filter(({ past, hash }) => past?.content_hash === hash);
		const right = given.filter(({ past }) => past.data.correct).length;
		const left = questions.length - given.length;
		const scored = questions.filter(({ kindOf }) => kindOf.fits).length;
		this.score.textContent = `${right} of ${scored} right${left ? `, ${left} not answered yet` : ""}`;
		const late = ({ subject, at }) =>
			questions.some(({ ref }) => ref === subject) && (trouble || Date.now() - Date.parse(at) > 1500);
		const waiting = setup && outbox.all().filter(late).length;
		this.note.textContent = [
			setup?.silent && "This session records no answers.",
			setup?.problem,
			waiting && `${plural(waiting, "answer")} not recorded yet, and kept in this browser: ` +
				(trouble || "the kernel is busy or gone. If it was restarted, run this cell again."),
			!setup && refused && "This browser keeps nothing for this page: save your answers to a file.",
		].filter(Boolean).join(" ");
	}
}

function answers(home) {
	const told = h("p.wb-note", { role: "status" });
	const act = (work, done) => async () => {
		told.textContent = "One moment…";
		const result = await work().catch((error) => error);
		told.textContent = result instanceof Error ? result.message : done(result);
	};
	const file = h("input", { type: "file", accept: ".json", hidden: true });
	const load = () => file.files[0].text().finally(() => (file.value = "")).then(home.load);
	const reload = (text) => (quizzes.forEach((quiz) => quiz.restore()), text);
	file.addEventListener("change", act(load, (n) => reload(`Loaded: ${n.new} new, ${n.known} known already.`)));
	const keep = () => {
		sure.hidden = true;
		remove.focus();
	};
	const no = button("Keep them", keep);
	const yes = button("Delete", act(() => (keep(), home.forget()), () => reload("Deleted.")));
	const sure = h("p", { hidden: true }, `This deletes ${home.what}, for good. `, yes, " ", no);
	const remove = button("Delete my answers", () => {
		sure.hidden = false;
		no.focus();
	});
	const save = button("Save to a file", act(home.save, () => "Saved."));
	const row = h("div.wb-actions", null, save, button("Load from a file", () => file.click()), remove, file);
	return h("details.wb-data", null, h("summary", null, "My answers"), row, sure, told);
}

function banner(root) {
	const earlier = shelf.all().filter(({ id }) => !made.some((event) => event.id === id));
	const told = h("span", null, "This session is temporary: it ends when you leave it. This browser keeps your answers too. ");
	const restore = button(`Restore ${plural(earlier.length, "earlier answer")}`, async () => {
		earlier.forEach(outbox.put);
		made.push(...earlier);
		restore.remove();
		quizzes.forEach((quiz) => quiz.restore());
		await flush();
		told.textContent += "Restored.";
	});
	root.prepend(h("div.wb-banner", null, told, earlier.length ? restore : ""));
}

/** The HTML beside a widget's view, in the notebook. */
async function stored({ widget_manager: manager, get }) {
	for (const { outputs } of manager.context?.model.cells ?? [])
		for (let i = 0; i < (outputs?.length ?? 0); i++) {
			const { data } = outputs.get(i);
			const id = data["application/vnd.jupyter.widget-view+json"]?.model_id;
			const found = id && (await manager.get_model(id).catch(() => null));
			if (found?.get("setup") === get("setup")) return data["text/html"];
		}
}

/** Called by the widget's stub. */
export async function live({ model, el }) {
	const home = notebook(model);
	el.innerHTML = (await stored(model)) ?? (await home.ask("html")).html;
	const quiz = new Quiz(el.querySelector(".wb-quiz"), home);
	quiz.root.append(answers(home));
	if (home.setup.temporary && !document.querySelector(".wb-banner")) banner(quiz.root);
	if (!home.setup.silent) kernels.unshift(home);
	pause = 2000;
	flush();
	return () => {
		quizzes.delete(quiz);
		kernels.splice(0, kernels.length, ...kernels.filter((kernel) => kernel !== home));
	};
}

addEventListener("online", flush);

if (!import.meta.url.startsWith("blob:")) {
	store.put(APP, "");
	store.drop(APP);
	const roots = [...document.querySelectorAll(".wb-quiz:not(.wb-live)")];
	roots.map((root) => new Quiz(root, page)).at(-1)?.root.append(answers(page));
}
