// The mapping form: one card a mapping, drawn again from the kernel's state after every answer.

const SIDE_NAMES = { salesforce: "Salesforce", quickbooks: "QuickBooks" };
const DIRECTIONS = {
  both: ["⇄", "both ways"],
  to_salesforce: ["←", "to Salesforce only"],
  to_quickbooks: ["→", "to QuickBooks only"],
  compare: ["=", "compared, never written"],
};

class MappingFormView {
  constructor(model, el) {
    this.model = model;
    this.errors = {}; // control -> text
    this.open = new Set(); // mappings whose fields are unfolded
    this.root = make("div", { className: "wb-mappings" });
    el.append(this.root);
    this.onMappings = () => this.draw();
    this.onAnswer = () => this.answered(model.get("answer"));
    model.on("change:mappings", this.onMappings);
    model.on("change:answer", this.onAnswer);
    this.draw();
  }

  close() {
    this.model.off("change:mappings", this.onMappings);
    this.model.off("change:answer", this.onAnswer);
  }

  ask(control, message) {
    this.root.classList.add("wb-saving");
    this.model.send({ control, ...message });
  }

  answered({ control, error }) {
    this.root.classList.remove("wb-saving");
    if (control) this.errors[control] = error;
    this.draw(); // a control that was refused goes back to what the file says
  }

  find(control) {
    return [...this.root.querySelectorAll("[data-control]")].find((each) => each.dataset.control === control);
  }

  draw() {
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.control : null;
    const mappings = this.model.get("mappings");
    const cards = mappings.map((mapping) => this.card(mapping));
    if (cards.length === 0) cards.push(make("p", { text: "No mapping." }));
    this.root.replaceChildren(...cards);
    if (focused) this.find(focused)?.focus({ preventScroll: true });
    this.root.dataset.ready = "true";
  }

  card(mapping) {
    const between = `${mapping.salesforce} in Salesforce ⇄ ${mapping.quickbooks} in QuickBooks`;
    const head = make("div", { className: "wb-card-head" },
      make("div", { className: "wb-card-name" },
        make("b", { text: mapping.title }), make("span", { className: "wb-soft", text: between })),
      this.mainWinner(mapping));
    const states = make("div", { className: "wb-states" }, ...mapping.states.map((state) => this.state(mapping, state)));
    return make("section", { className: "wb-card", attributes: { "aria-label": mapping.title } }, head, states, this.fields(mapping));
  }

  state(mapping, state) {
    const control = `${mapping.mapping}/state/${state.name}`;
    const turn = () => this.ask(control, { kind: "state", mapping: mapping.mapping, state: state.name, on: !state.on });
    const knob = make("span", { className: "wb-knob", attributes: { "aria-hidden": "true" } });
    const button = quiet(
      make("button", {
        className: "wb-switch",
        attributes: {
          type: "button", role: "switch", "aria-checked": String(state.on), "data-control": control,
          "aria-label": `${state.name}, writes to ${SIDE_NAMES[state.to]}`,
        },
        on: { click: turn },
      }, knob),
    );
    const about = make("span", { className: "wb-soft", text: `writes to ${SIDE_NAMES[state.to]}` });
    return make("div", { className: "wb-state" }, button, make("span", { text: state.name }), about, this.error(control));
  }

  mainWinner(mapping) {
    const control = `${mapping.mapping}/winner`;
    const choose = (winner) => this.ask(control, { kind: "winner", mapping: mapping.mapping, field: null, winner });
    const select = makeSelect(`Winner of ${mapping.title}`, this.choices(), mapping.winner, choose);
    select.dataset.control = control;
    return make("div", { className: "wb-winner" }, make("span", { className: "wb-soft", text: "Winner" }), select, this.error(control));
  }

  choices() {
    return Object.entries(this.model.get("winners"));
  }

  fields(mapping) {
    const own = mapping.fields.filter(({ winner }) => winner !== null).length;
    const text = `${mapping.fields.length} fields${own ? `, ${own} with a winner of their own` : ""}`;
    const table = make("table", { className: "wb-fields" },
      make("thead", {}, make("tr", {}, ...["Field", "Salesforce", "", "QuickBooks", "Winner"].map((title) =>
        make("th", { text: title, attributes: { scope: "col" } })))),
      make("tbody", {}, ...mapping.fields.map((field) => this.field(mapping, field))));
    const fold = make("details", {}, quiet(make("summary", { text })), table);
    fold.open = this.open.has(mapping.mapping);
    fold.addEventListener("toggle", () => this.open[fold.open ? "add" : "delete"](mapping.mapping));
    return fold;
  }

  field(mapping, field) {
    const control = `${mapping.mapping}/field/${field.name}`;
    const [arrow, meaning] = DIRECTIONS[field.direction] ?? ["", ""];
    const cell = make("td");
    if (field.direction === "compare") {
      cell.append(make("span", { className: "wb-soft", text: "compared only" }));
    } else {
      const choices = field.winner === null ? [["", "as the mapping"], ...this.choices()] : this.choices();
      const choose = (winner) => winner && this.ask(control, { kind: "winner", mapping: mapping.mapping, field: field.name, winner });
      const select = makeSelect(`Winner of ${mapping.title}, ${field.name}`, choices, field.winner ?? "", choose);
      select.dataset.control = control;
      cell.append(select, this.error(control));
    }
    const name = make("td", { text: field.name });
    if (field.create_only) name.append(make("span", { className: "wb-soft", text: " on create" }));
    return make("tr", {}, name, make("td", { text: field.salesforce }),
      make("td", { className: "wb-arrow", text: arrow, attributes: { title: meaning, "aria-label": meaning } }),
      make("td", { text: field.quickbooks }), cell);
  }

  error(control) {
    return make("div", { className: "wb-error", text: this.errors[control] ?? "", attributes: { role: "alert" } });
  }
}

function renderMappingForm({ model, el }) {
  begin(model, el);
  const view = new MappingFormView(model, el);
  return () => view.close();
}
export default { render: renderMappingForm };
