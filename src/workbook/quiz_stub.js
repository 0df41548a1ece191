// Starts a widget. A kernel's widgets share one layout, and it holds the engine (quiz.js and its
// style), which so is sent but once; a page starts each engine once. This is the layout's
// `boot`, which the still smaller script of each widget imports.
const page = (globalThis.wbQuiz ??= {});
const unzip = (code) => new Response(
	new Blob([code]).stream().pipeThrough(new DecompressionStream("gzip")),
	{ headers: { "content-type": "text/javascript" } },
).blob();
export default async (view) => {
	const layout = view.model.get("layout"), name = layout.get("engine");
	page[name] ??= unzip(layout.get("code")).then((js) => import(URL.createObjectURL(js)));
	return (await page[name]).live(view);
};
