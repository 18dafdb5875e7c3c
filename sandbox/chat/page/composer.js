// Where a person writes: the text box, command hints, suggestions, reply and edit.
import { byId, make } from "./dom.js";

const CHIPS = ["/start", "/proxies", "/take beboo 5", "/my", "/stats", "/help"];
const FALLBACK = ["start", "help", "take", "my", "stats", "refresh"].map((command) => ({ command, description: "" }));

const box = byId("text");
const hints = byId("hints");

export class Composer {
  constructor(send) {
    this.send = send;
    this.commands = FALLBACK;
    this.chosen = -1;
    byId("composer").addEventListener("submit", (event) => { event.preventDefault(); this.#submit(); });
    box.addEventListener("input", () => this.#changed());
    box.addEventListener("keydown", (event) => this.#key(event));
    byId("context-off").addEventListener("click", () => this.reset());
    byId("chips").append(...CHIPS.map((text) => make("button", { type: "button", onclick: () => this.send({ text }) }, text)));
  }

  useCommands(commands) {
    this.commands = commands?.length ? commands : FALLBACK;
    this.#changed();
  }

  replyTo(message) { this.#context({ reply_to: message.message_id }, `Reply to: ${message.text}`); }

  edit(message) {
    this.#context({ edit: message.message_id }, `Edit: ${message.text}`);
    box.value = message.text;
    this.#changed();
  }

  #context(extra, text) {
    this.extra = extra;
    byId("context-text").textContent = text;
    byId("context").hidden = false;
    box.focus();
  }

  reset() {
    this.extra = undefined;
    byId("context").hidden = true;
    box.value = "";
    this.#changed();
  }

  async #submit() {
    const text = box.value.trim();
    if (!text) return;
    const sent = { text, ...this.extra };
    this.reset();
    if (await this.send(sent) === undefined && !box.value) { box.value = text; this.#changed(); }
  }

  #changed() {
    box.style.height = "auto";
    box.style.height = `${box.scrollHeight}px`;
    byId("chips").hidden = box.value !== "" || this.extra !== undefined;
    const typed = /^\/([a-z0-9_]*)$/i.exec(box.value)?.[1].toLowerCase();
    this.offered = typed === undefined ? [] : this.commands.filter(({ command }) => command.startsWith(typed));
    this.chosen = -1;
    this.#drawHints();
  }

  #drawHints() {
    hints.hidden = this.offered.length === 0;
    hints.replaceChildren(...this.offered.map(({ command, description }, index) => make("li", { role: "option", ariaSelected: String(index === this.chosen) },
      make("button", { type: "button", tabIndex: -1, onclick: () => this.#complete(command) }, make("b", {}, `/${command}`), make("span", { className: "muted" }, description)))));
    hints.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  }

  #complete(command) {
    box.value = `/${command} `;
    this.#changed();
    box.focus();
  }

  #key(event) {
    if (event.isComposing) return;
    if (event.key === "Escape") { this.reset(); return; }
    if (this.offered.length && this.#hintKey(event)) { event.preventDefault(); return; }
    if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); this.#submit(); }
  }

  #hintKey({ key }) {
    const count = this.offered.length;
    if (key === "ArrowDown" || key === "ArrowUp") {
      this.chosen = (this.chosen + (key === "ArrowDown" ? 1 : this.chosen < 0 ? 0 : -1) + count) % count;
      this.#drawHints();
      return true;
    }
    if (key === "Tab" || (key === "Enter" && this.chosen >= 0)) {
      this.#complete(this.offered[Math.max(0, this.chosen)].command);
      return true;
    }
    return false;
  }
}
