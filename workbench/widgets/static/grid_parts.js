// What a grid is made of: bar, header, rows.  Each function builds elements and keeps nothing.

const MARK_WIDTH = "44px";
const CELL_PADDING = 17; // both sides and the line between cells, in pixels; see grid.css

// Header and rows are separate CSS grids: the same template and the same minimum keep them in line.
function gridTemplate(columns, marks) {
  const tracks = columns.map(({ width }) => `minmax(calc(${width}ch + ${CELL_PADDING}px), ${width}fr)`);
  const characters = columns.reduce((sum, { width }) => sum + width, 0);
  const pixels = columns.length * CELL_PADDING + (marks ? parseInt(MARK_WIDTH) : 0);
  return {
    columns: (marks ? [MARK_WIDTH, ...tracks] : tracks).join(" "),
    minimum: `calc(${characters}ch + ${pixels}px)`,
  };
}

function isRight(column) {
  return column.kind === "number" || column.kind === "money";
}

function makeHeader(columns, { marks, prefix, onSort }) {
  const head = make("div", { className: "wb-row wb-head", attributes: { role: "row", "aria-rowindex": 1 } });
  const offset = marks ? 1 : 0;
  if (marks) {
    head.append(
      make("div", {
        className: "wb-mark",
        attributes: { role: "columnheader", "aria-colindex": 1, "aria-label": "Approved", id: `${prefix}-h-0` },
        text: "✓",
      }),
    );
  }
  columns.forEach((column, j) => {
    const cell = make("div", {
      className: isRight(column) ? "wb-right" : "",
      attributes: {
        role: "columnheader",
        id: `${prefix}-h-${j + offset}`,
        "aria-colindex": j + 1 + offset,
        "aria-sort": "none",
        title: `Sort by ${column.title}`,
      },
      on: { click: () => onSort(column.name) },
    });
    cell.append(make("span", { className: "wb-title", text: column.title }));
    head.append(cell);
  });
  return head;
}

function showSort(head, columns, marks, sort, descending) {
  columns.forEach((column, j) => {
    const state = column.name !== sort ? "none" : descending ? "descending" : "ascending";
    head.children[j + (marks ? 1 : 0)].setAttribute("aria-sort", state);
  });
}

// The first word of a badge gives its colour; any other word has a grey badge.
const TONES = {
  add: "add", create: "add", insert: "add", new: "add", modify: "edit", update: "edit", take: "edit",
  conflict: "clash", undecided: "clash", ambiguous: "clash", review: "clash",
  deactivate: "drop", delete: "drop", void: "drop", missing: "drop", refuse: "drop",
};

function makeRow(row, { columns, marks, index, prefix }) {
  const classes = ["wb-row"];
  if (row.approved) classes.push("wb-approved");
  if (row.hold !== null) classes.push("wb-held");
  if (row.follows) classes.push("wb-follows");
  const element = make("div", {
    className: classes.join(" "),
    attributes: { role: "row", "aria-rowindex": index + 2, "aria-selected": marks ? String(row.approved) : null },
  });
  if (marks) element.append(makeMark(row, index, prefix));
  const offset = marks ? 1 : 0;
  row.cells.forEach((text, j) => element.append(makeCell(row, text, j, columns[j], `${prefix}-${index}-${j + offset}`, offset)));
  return element;
}

function makeCell(row, text, j, column, id, offset) {
  const classes = [];
  if (isRight(column) || row.right.includes(j)) classes.push("wb-right");
  if (row.changed.includes(j)) classes.push("wb-changed");
  const cell = make("div", {
    className: classes.join(" "),
    attributes: { role: "gridcell", "aria-colindex": j + 1 + offset, id },
  });
  if (column.kind === "badge" && text) {
    cell.append(make("span", { className: `wb-badge wb-tone-${TONES[text.split("_")[0]] ?? "plain"}`, text }));
  } else {
    cell.append(make("span", { className: "wb-text", text: text.replaceAll("\n", " ⏎ ") }));
  }
  return cell;
}

function makeMark(row, index, prefix) {
  const cell = make("div", {
    className: "wb-mark",
    attributes: { role: "gridcell", "aria-colindex": 1, id: `${prefix}-${index}-0` },
  });
  if (row.hold !== null && !row.approved) {
    cell.append(make("span", { className: "wb-pause", attributes: { role: "img", "aria-label": `Held back: ${row.hold}`, title: row.hold } }));
    return cell;
  }
  const box = quiet(
    make("input", { attributes: { type: "checkbox", tabindex: -1, "aria-label": `Approve row ${index + 1}` } }),
  );
  box.checked = row.approved;
  cell.append(box);
  return cell;
}
