// One view of a DiffGrid.  It holds a window of rows and asks the kernel for every other one; marks
// are shown when the kernel has taken them, never before.

const ROW_HEIGHT = 28;
const ROWS_HIGH = 15;
const MARGIN = 12; // rows asked for beyond both edges of the window
const SLOW_AFTER = 800; // milliseconds without an answer before the status line says so
const TYPING_PAUSE = 150;

class GridView {
  constructor(model, el) {
    this.model = model;
    this.name = globalThis.crypto?.randomUUID?.() ?? String(Math.random()).slice(2);
    this.prefix = `wb-${this.name.slice(0, 8)}`;
    this.columns = model.get("columns");
    this.words = model.get("words");
    this.marks = this.words.marks;
    this.width = this.columns.length + (this.marks ? 1 : 0);
    this.query = { text: "", equal: {}, sort: null, descending: false };
    this.seq = 0;
    this.shown = { seq: 0, start: 0, rows: [], total: 0 };
    this.count = 0;
    this.cursor = { row: 0, column: 0 };
    this.build(el);
    this.listen();
    this.ask();
  }

  // ---- the page

  build(el) {
    this.head = makeHeader(this.columns, { marks: this.marks, prefix: this.prefix, onSort: (name) => this.sortBy(name) });
    this.layer = make("div", { className: "wb-layer" });
    this.empty = make("div", { className: "wb-empty", text: "No row fits the filter." });
    this.space = make("div", { className: "wb-space", attributes: { role: "rowgroup" } }, this.layer, this.empty);
    const many = this.marks ? "true" : null;
    this.grid = quiet(
      make("div", {
        className: "wb-grid",
        attributes: {
          role: "grid", tabindex: 0, "aria-label": this.words.title, "aria-colcount": this.width,
          "aria-multiselectable": many, "aria-readonly": "true", "aria-describedby": `${this.prefix}-status`,
        },
      }, make("div", { attributes: { role: "rowgroup" }, className: "wb-sticky" }, this.head), this.space),
    );
    this.scroll = new ScaledScroll(this.grid, ROW_HEIGHT);
    this.detail = make("div", { className: "wb-detail" });
    this.status = make("span", { className: "wb-status", attributes: { role: "status", id: `${this.prefix}-status` } });
    this.error = make("div", { className: "wb-error", attributes: { role: "alert" } });
    const foot = make("div", { className: "wb-foot" }, this.status, this.error);
    const template = gridTemplate(this.columns, this.marks);
    this.root = make("div", { className: "wb-diffgrid" }, this.bar(), this.grid, this.detail);
    if (this.words.decisions) this.root.append(makeDecideBar(this.words, (all, what) => this.decide(all, what)));
    this.root.append(foot);
    this.root.style.setProperty("--wb-columns", template.columns);
    this.root.style.setProperty("--wb-minimum", template.minimum);
    this.root.style.setProperty("--wb-row", `${ROW_HEIGHT}px`);
    el.append(this.root);
  }

  bar() {
    const search = quiet(
      make("input", {
        className: "wb-search",
        attributes: { type: "search", placeholder: "Filter…", "aria-label": "Filter rows", spellcheck: "false" },
      }),
    );
    search.addEventListener("input", () => {
      clearTimeout(this.typing);
      this.typing = setTimeout(() => this.ask({ text: search.value }), TYPING_PAUSE);
    });
    const bar = make("div", { className: "wb-bar" }, search);
    for (const { column, values } of this.model.get("options")) {
      const title = this.columns.find(({ name }) => name === column)?.title ?? column;
      const choices = [["", `${title}: all`], ...values.map((value) => [value, value])];
      bar.append(makeSelect(title, choices, "", (value) => this.ask({ equal: { ...this.query.equal, [column]: value } })));
    }
    if (this.marks) {
      bar.append(
        make("span", { className: "wb-gap" }),
        makeButton(this.words.approve, () => this.bulk(true), "wb-button wb-primary"),
        makeButton(this.words.reject, () => this.bulk(false)),
      );
    }
    return bar;
  }

  listen() {
    this.onMessage = (message) => message.view === this.name && this.receive(message);
    this.model.on("msg:custom", this.onMessage);
    this.grid.addEventListener("scroll", () => requestAnimationFrame(() => this.scrolled()));
    this.grid.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.grid.addEventListener("keydown", (event) => this.key(event));
    this.layer.addEventListener("mousedown", (event) => this.press(event));
    this.layer.addEventListener("click", (event) => this.click(event));
    this.resized = new ResizeObserver(() => this.count && this.layout());
    this.resized.observe(this.grid);
  }

  close() {
    this.model.off("msg:custom", this.onMessage);
    this.resized.disconnect();
    clearTimeout(this.typing);
    clearTimeout(this.slow);
    this.send({ kind: "close" });
  }

  // ---- talking to the kernel

  send(message) {
    this.model.send({ view: this.name, seq: this.seq, ...message });
  }

  expectAnswer() {
    clearTimeout(this.slow);
    this.slow = setTimeout(() => this.root.classList.add("wb-slow"), SLOW_AFTER);
  }

  ask(changed = {}) {
    Object.assign(this.query, changed);
    this.error.textContent = "";
    this.seq += 1;
    this.cursor.row = Math.min(this.cursor.row, 0);
    this.scroll.moveTo(0);
    this.wanted = null;
    this.send({ kind: "query", ...this.query, start: 0, count: ROWS_HIGH + 2 * MARGIN });
    this.expectAnswer();
  }

  // Asks for the rows around the window unless they are here; one question at a time, since a slow
  // kernel would answer a long queue of windows that nobody looks at any more.
  fetch() {
    if (this.seq !== this.shown.seq || this.wanted !== null) return;
    const high = Math.ceil(this.scroll.viewport / ROW_HEIGHT) + 1;
    const first = this.scroll.firstRow();
    const last = Math.min(this.count, first + high);
    const { start, rows } = this.shown;
    if (first >= start && last <= start + rows.length) return;
    this.wanted = Math.max(0, first - MARGIN);
    this.send({ kind: "rows", start: this.wanted, count: high + 2 * MARGIN });
    this.expectAnswer();
  }

  receive(message) {
    clearTimeout(this.slow);
    this.root.classList.remove("wb-slow");
    if (message.kind === "lost") this.ask();
    else if (message.kind === "error") this.error.textContent = message.text;
    else if (message.kind === "window" && message.seq === this.seq) this.take(message);
  }

  take(message) {
    this.shown = message;
    this.count = message.shown;
    this.wanted = null;
    this.cursor.row = Math.min(this.cursor.row, this.count - 1);
    showSort(this.head, this.columns, this.marks, this.query.sort, this.query.descending);
    this.grid.setAttribute("aria-rowcount", this.count + 1);
    this.empty.style.display = this.count === 0 ? "" : "none";
    this.tellCounts(message);
    this.layout();
    this.root.dataset.ready = "true";
  }

  tellCounts({ approved, changes, held, shown, total, notice }) {
    const number = (value) => value.toLocaleString("en-US");
    const noun = changes === 1 ? this.words.one : this.words.many;
    const parts = [];
    if (this.marks) parts.push(`${number(approved)} of ${number(changes)} ${noun} approved`);
    parts.push(`${number(shown)} of ${number(total)} ${total === 1 ? "row" : "rows"} shown`);
    if (held) parts.push(`${number(held)} held back`);
    if (notice) parts.push(notice);
    this.status.textContent = parts.join(" · ");
  }

  // ---- drawing

  layout() {
    const rowsHigh = Math.max(3, Math.min(ROWS_HIGH, this.shown.total));
    const borders = this.grid.offsetHeight - this.grid.clientHeight; // borders and the horizontal scroll bar
    this.grid.style.height = `${rowsHigh * ROW_HEIGHT + this.head.offsetHeight + borders}px`;
    this.space.style.height = `${this.scroll.measure(this.count, rowsHigh * ROW_HEIGHT)}px`;
    this.draw();
    this.fetch();
  }

  draw() {
    const { start, rows } = this.shown;
    const about = { columns: this.columns, marks: this.marks, prefix: this.prefix };
    this.layer.replaceChildren(...rows.map((row, k) => makeRow(row, { ...about, index: start + k })));
    this.place();
    this.showCursor();
  }

  place() {
    this.layer.style.transform = `translateY(${this.scroll.offset(this.shown.start)}px)`;
  }

  showCursor() {
    for (const old of this.grid.querySelectorAll(".wb-cursor")) old.classList.remove("wb-cursor");
    const { row, column } = this.cursor;
    const id = row < 0 ? `${this.prefix}-h-${column}` : `${this.prefix}-${row}-${column}`;
    const cell = this.grid.querySelector(`#${id}`);
    if (cell) {
      cell.classList.add("wb-cursor");
      this.grid.setAttribute("aria-activedescendant", id);
    } else {
      this.grid.removeAttribute("aria-activedescendant"); // not drawn now
    }
    this.tellDetail();
  }

  // The whole text of the current cell: a narrow cell and a tooltip would hide it from a keyboard.
  tellDetail() {
    const row = this.at(this.cursor.row);
    const j = this.cursor.column - (this.marks ? 1 : 0);
    this.detail.replaceChildren();
    if (!row) return;
    if (row.hold !== null) this.detail.append(make("span", { className: "wb-hold", text: `Held back: ${row.hold}` }));
    if (j >= 0) {
      const value = row.cells[j] === "" ? "(empty)" : row.cells[j];
      this.detail.append(make("b", { text: this.columns[j].title }), make("span", { className: "wb-full", text: value }));
    }
  }

  at(index) {
    return this.shown.rows[index - this.shown.start];
  }

  // ---- what a person does

  scrolled() {
    this.scroll.follow();
    if (this.scroll.scaled) this.place();
    this.fetch();
  }

  // The scroll bar of a scaled table jumps over many rows; the wheel moves by pixels as everywhere.
  wheel(event) {
    if (!this.scroll.scaled || event.deltaY === 0 || event.ctrlKey || event.shiftKey) return;
    const unit = [1, ROW_HEIGHT, this.scroll.viewport][event.deltaMode];
    event.preventDefault();
    this.scroll.moveTo(this.scroll.top + event.deltaY * unit);
    this.place();
    this.fetch();
  }

  moveTo(row, column) {
    const lowest = this.count - 1;
    this.cursor = {
      row: Math.max(-1, Math.min(lowest, row)),
      column: Math.max(0, Math.min(this.width - 1, column)),
    };
    if (this.cursor.row >= 0) this.scroll.reveal(this.cursor.row);
    this.place();
    this.showCursor();
    this.revealColumn();
    this.fetch();
  }

  revealColumn() {
    const cell = this.head.children[this.cursor.column];
    if (cell.offsetLeft < this.grid.scrollLeft) this.grid.scrollLeft = cell.offsetLeft;
    const right = cell.offsetLeft + cell.offsetWidth;
    if (right > this.grid.scrollLeft + this.grid.clientWidth) this.grid.scrollLeft = right - this.grid.clientWidth;
  }

  key(event) {
    const { row, column } = this.cursor;
    const page = Math.max(1, Math.floor(this.scroll.viewport / ROW_HEIGHT) - 1);
    const far = event.ctrlKey || event.metaKey;
    const moves = {
      ArrowDown: [row + 1, column], ArrowUp: [row - 1, column],
      ArrowLeft: [row, column - 1], ArrowRight: [row, column + 1],
      PageDown: [Math.max(0, row) + page, column], PageUp: [Math.max(0, row - page), column],
      Home: [far ? 0 : row, 0], End: [far ? this.count - 1 : row, this.width - 1],
    };
    if (moves[event.key]) this.moveTo(...moves[event.key]);
    else if (event.key === " " || event.key === "Enter") this.act(event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  act(key) {
    const { row, column } = this.cursor;
    if (row < 0) {
      const sorted = this.columns[column - (this.marks ? 1 : 0)];
      if (sorted) this.sortBy(sorted.name);
    } else if (key === " ") {
      this.toggle(row);
    }
  }

  cellOf(event) {
    const cell = event.target.closest("[role=gridcell]");
    if (!cell) return null;
    const row = Number(cell.parentElement.getAttribute("aria-rowindex")) - 2;
    return { row, column: Number(cell.getAttribute("aria-colindex")) - 1 };
  }

  press(event) {
    const cell = this.cellOf(event);
    if (!cell || event.button !== 0) return;
    // The grid keeps the focus, not the checkbox; elsewhere text may still be selected with the mouse.
    if (this.marks && cell.column === 0) event.preventDefault();
    this.grid.focus({ preventScroll: true });
    this.cursor = cell;
    this.showCursor();
  }

  click(event) {
    const cell = this.cellOf(event);
    if (!cell || !this.marks || cell.column !== 0) return;
    event.preventDefault(); // the box shows what the kernel has taken
    this.toggle(cell.row);
  }

  // Names the change and the mark, not a position: the rows may have moved under the click.
  toggle(index) {
    const row = this.at(index);
    if (!row || !this.marks) return;
    this.send({ kind: "mark", ids: [row.id], approved: !row.approved });
    this.expectAnswer();
  }

  // Names the row, not its place, as a mark does.
  decide(all, what) {
    const row = this.at(this.cursor.row);
    if (!all && !row) return;
    this.send({ kind: "decide", seq: this.shown.seq, ...what, ...(all ? {} : { id: row.id }) });
    this.expectAnswer();
  }

  bulk(approved) {
    this.send({ kind: "bulk", seq: this.shown.seq, approved });
    this.expectAnswer();
  }

  // First click up, second down, third as they came.
  sortBy(name) {
    const { sort, descending } = this.query;
    if (sort !== name) this.ask({ sort: name, descending: false });
    else if (!descending) this.ask({ descending: true });
    else this.ask({ sort: null, descending: false });
  }
}

function renderGrid({ model, el }) {
  begin(model, el);
  const view = new GridView(model, el);
  return () => view.close();
}
export default { render: renderGrid };
