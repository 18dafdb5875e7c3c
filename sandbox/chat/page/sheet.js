// The Google sheet beside the chat: as it is now, and editable as a colleague would.
import { api } from "./api.js";
import { attempt, byId, make } from "./dom.js";

const EVERY_MS = 1000;
const RECENT_MS = 60_000;
const table = byId("grid").querySelector("table");
const menu = byId("sort-menu");
const foot = byId("sheet-foot");

export class Sheet {
  constructor() {
    this.revision = -1;
    this.rows = [];
    byId("find").addEventListener("input", () => this.#draw());
    table.addEventListener("click", (event) => this.#clicked(event));
    menu.addEventListener("click", (event) => this.#sort(event));
    setInterval(() => this.refresh(), EVERY_MS);
  }

  async refresh() {
    if (this.busy || document.hidden) return;
    this.busy = true;
    try {
      const answer = await api.sheet(this.revision);
      if (answer.rows) this.#take(answer);
      this.#failed("");
    } catch (error) {
      this.#failed(error.message);
    } finally {
      this.busy = false;
    }
  }

  #failed(text) {
    byId("sheet-status").textContent = text || this.summary || "";
  }

  #take(answer) {
    const changes = this.revision < 0 || answer.title !== this.title ? [] : changed(this.rows, answer.rows);
    Object.assign(this, answer);
    const more = answer.total > answer.rows.length ? `the first ${answer.rows.length} of ${answer.total}` : `${answer.total}`;
    this.summary = `${answer.title} · ${more} rows`;
    byId("sheet-title").textContent = answer.spreadsheet;
    this.#mark(changes);
    if (!this.editing) this.#draw();
    this.#tell(changes);
  }

  #tell(changes) {
    if (!changes.length) return;
    const rows = [...new Set(changes.map(([row]) => row))];
    const text = rows.length > 12 ? `${rows.length} rows have changed` : `Changed: row ${rows.map((row) => row + 1).join(", ")}`;
    this.newest = { cells: changes, at: Date.now() };
    foot.replaceChildren(make("button", { type: "button", onclick: () => this.#reveal() }, text));
    if (rows.length <= 12) this.#reveal();
  }

  #reveal() { cellAt(...this.newest.cells[0])?.scrollIntoView({ block: "center", inline: "nearest", behavior: "smooth" }); }

  // Called when the sheet comes into sight: what has changed a moment ago is shown once more.
  show() {
    if (!this.newest || this.editing || Date.now() - this.newest.at > RECENT_MS) return;
    this.#mark(this.newest.cells);
    this.#draw();
    this.#reveal();
  }

  #mark(cells) { this.changes = new Set(cells.map(([row, column]) => `${row},${column}`)); }

  #draw() {
    const [headers = []] = this.rows;
    this.width = Math.max(1, ...this.rows.map((row) => row.length));
    this.issued = headers.indexOf("issued");
    const letters = range(this.width).map((column) => make("th", {}, letter(column)));
    const names = range(this.width).map((column) => make("th", {},
      make("button", { type: "button", title: `Sort by column ${letter(column)}`, "data-column": column }, show(headers[column]))));
    table.replaceChildren(
      make("thead", {}, make("tr", {}, make("th"), ...letters), make("tr", {}, make("th", {}, "1"), ...names)),
      make("tbody", {}, ...this.#found().map((row) => this.#row(row))));
    this.changes = new Set();
  }

  #found() {
    const wanted = byId("find").value.trim().toLowerCase();
    const rows = range(this.rows.length).slice(1);
    if (!wanted) return rows;
    return rows.filter((row) => this.rows[row].some((value) => String(value ?? "").toLowerCase().includes(wanted)));
  }

  #row(row) {
    return make("tr", { "data-row": row }, make("th", {}, String(row + 1)),
      ...range(this.width).map((column) => {
        const value = this.rows[row][column];
        const names = [/^-?\d+(\.\d+)?$/.test(value) && "number", column === this.issued && "issued", this.changes?.has(`${row},${column}`) && "changed"];
        return make("td", { className: names.filter(Boolean).join(" "), title: show(value), "data-column": column }, show(value));
      }));
  }

  // -- what a colleague does ---------------------------------------------------------------------------------

  #clicked(event) {
    const heading = event.target.closest("button[data-column]");
    const cell = event.target.closest("td[data-column]");
    if (heading) this.#openMenu(heading);
    else if (cell && !this.editing) this.#edit(cell, Number(cell.parentElement.dataset.row), Number(cell.dataset.column));
  }

  #openMenu(heading) {
    this.sortColumn = Number(heading.dataset.column);
    const { left, bottom } = heading.getBoundingClientRect();
    menu.style.left = `${Math.min(left, innerWidth - 150)}px`;
    menu.style.top = `${bottom + 2}px`;
    menu.showPopover();
  }

  async #sort(event) {
    const descending = event.target.dataset.descending === "true";
    menu.hidePopover();
    await attempt(() => api.editSheet({ kind: "sort", range: `A2:${letter(this.width - 1)}${this.total}`, column: letter(this.sortColumn), descending }));
    await this.refresh();
  }

  #edit(cell, row, column) {
    const input = make("input", { value: show(this.rows[row][column]), ariaLabel: `Cell ${letter(column)}${row + 1}` });
    const before = input.value;
    this.editing = true;
    cell.classList.add("editing");
    cell.replaceChildren(input);
    input.select();
    const done = async (keep) => {
      if (!this.editing) return;
      this.editing = false;
      if (keep && input.value !== before) await attempt(() => api.editSheet({ kind: "cell", cell: `${letter(column)}${row + 1}`, value: input.value }));
      await this.refresh();
      this.#draw();
    };
    input.addEventListener("blur", () => done(true));
    input.addEventListener("keydown", ({ key }) => { if (key === "Enter") done(true); if (key === "Escape") done(false); });
  }
}

const range = (count) => [...Array(count).keys()];
const show = (value) => (value === null || value === undefined ? "" : String(value));

const cellAt = (row, column) => table.querySelector(`tr[data-row="${row}"] td[data-column="${column}"]`);

function letter(column) {
  const rest = Math.floor(column / 26);
  return (rest ? letter(rest - 1) : "") + String.fromCharCode(65 + (column % 26));
}

function changed(before, after) {
  const found = [];
  for (const row of range(after.length)) {
    for (const column of range(Math.max(after[row].length, before[row]?.length ?? 0))) {
      if (show(before[row]?.[column]) !== show(after[row][column])) found.push([row, column]);
    }
  }
  return found;
}
