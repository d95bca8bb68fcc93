// The push button: asks before it pushes, then shows how far the push is.
const LABELS = { waiting: "Look for answers again", failed: "Try again…", done: "Pushed" };

function renderPushButton({ model, el }) {
  begin(model, el);
  const start = makeButton("Push…", () => once(start, "ask"), "wb-button wb-primary");
  const yes = makeButton("Yes, write them", () => once(yes, "push"), "wb-button wb-primary");
  const no = makeButton("Cancel", () => model.send({ kind: "cancel" }));
  const text = make("span", { className: "wb-push-text", attributes: { role: "status" } });
  const spinner = make("span", { className: "wb-spinner", attributes: { "aria-hidden": "true" } });
  const question = make("span", { className: "wb-question", attributes: { role: "group", "aria-label": "Confirm the push" } }, yes, no);
  const root = make("div", { className: "wb-push" }, start, spinner, text, question);
  el.append(root);

  let mine = false; // whether this view asked; another one must not pull the focus
  function once(button, kind) {
    button.disabled = true; // which takes the focus off it
    mine = true;
    model.send({ kind });
  }
  function draw() {
    const phase = model.get("phase");
    root.dataset.phase = phase;
    text.textContent = model.get("text");
    start.textContent = LABELS[phase] ?? "Push what is approved…";
    start.disabled = ["running", "done", "asking"].includes(phase);
    yes.disabled = phase !== "asking";
    if (mine && phase === "asking") no.focus(); // so Enter twice writes nothing
    mine = false;
  }
  model.on("change:phase change:text change:answers", draw);
  draw();
  return () => model.off("change:phase change:text change:answers", draw);
}
export default { render: renderPushButton };
