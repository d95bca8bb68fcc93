// Shared by all widgets of the workbench: elements, JupyterLab's keys, and the HTML twin.

const SUPPRESS = "data-lm-suppress-shortcuts";

// JupyterLab walks up from the focused element, and a selector ending in ":focus" matches at distance
// 0: the attribute must be on every element that can take the focus, not on one of its parents.
function quiet(element) {
  element.setAttribute(SUPPRESS, "true");
  return element;
}

function make(tag, { className, text, attributes = {}, on = {} } = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value);
  }
  for (const [name, listener] of Object.entries(on)) element.addEventListener(name, listener);
  element.append(...children);
  return element;
}

function makeSelect(label, choices, chosen, onChange) {
  const select = quiet(make("select", { className: "wb-select", attributes: { "aria-label": label } }));
  for (const [value, text] of choices) select.add(new Option(text, value, false, value === chosen));
  select.addEventListener("change", () => onChange(select.value));
  return select;
}

function makeButton(text, onClick, className = "wb-button") {
  return quiet(make("button", { className, text, attributes: { type: "button" }, on: { click: onClick } }));
}

// A live widget hides the HTML published beside it, which hid the widget's place until now.  The
// page may add the output after `render`, so this looks a few times.
function claimTwin(model, tries = 60) {
  const twins = document.querySelectorAll(`[data-workbench-twin="${model.get("twin")}"]`);
  for (const twin of twins) {
    twin.setAttribute("data-live", "true");
    (twin.closest(".jp-OutputArea-child") ?? twin).style.display = "none";
  }
  if (twins.length === 0 && tries > 0) setTimeout(() => claimTwin(model, tries - 1), 50);
}

function begin(model, el) {
  installKeyGuard();
  el.classList.add("wb-widget");
  claimTwin(model);
}

// Marks whatever takes the focus inside any widget of the page, ours or plain ipywidgets.
function installKeyGuard() {
  if (globalThis.workbenchKeyGuard) return;
  globalThis.workbenchKeyGuard = true;
  const guard = (element) => {
    if (element instanceof Element && element.closest(".jupyter-widgets, .wb-widget")) quiet(element);
  };
  document.addEventListener("focusin", (event) => guard(event.target), true);
  guard(document.activeElement);
}
