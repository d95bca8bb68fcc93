// The widget that does nothing but install the guard of shared.js.
function renderKeyGuard({ model, el }) {
  begin(model, el);
  el.style.display = "none";
}
export default { render: renderKeyGuard };
