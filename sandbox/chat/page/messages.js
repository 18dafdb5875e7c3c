// The chat in the middle: bubbles, inline buttons, files; keeps the shown list equal to the world's.
import { api } from "./api.js";
import { attempt, byId, icon, make, toast, alertBox } from "./dom.js";
import { richText } from "./richtext.js";

const WINDOW = 200; // of a long chat only the newest messages are asked for again
const JOIN_SECONDS = 300;
const ANSWER_SECONDS = 30;
const DOWNLOAD = "M12 4v11M7 11l5 5 5-5M5 20h14";

const stream = byId("stream");
const list = byId("messages");

export class Messages {
  constructor({ onReply, onEdit, onCommand }) {
    this.on = { onReply, onEdit, onCommand };
    this.shown = new Map(); // message_id → {signature, element}
    this.known = [];
    this.waiting = new Map(); // callback id → button
    stream.addEventListener("scroll", () => this.#offerEnd());
    byId("to-end").addEventListener("click", () => this.toEnd("smooth"));
  }

  open(chat, me, group) {
    Object.assign(this, { chat, me, group, known: [], version: (this.version ?? 0) + 1 });
    this.shown.clear();
    this.waiting.clear();
    list.replaceChildren();
    return this.refresh();
  }

  // One refresh at a time; events that come meanwhile cause exactly one more.
  async refresh() {
    if (this.running) { this.again = true; return; }
    this.running = true;
    try {
      do {
        this.again = false;
        const { version } = this;
        const after = this.known.length > WINDOW ? this.known.at(-WINDOW - 1).message_id : 0;
        const fresh = await api.messages(this.chat, after, this.me);
        if (version !== this.version) { this.again = true; continue; }
        this.#show([...this.known.filter((message) => message.message_id <= after), ...fresh]);
      } while (this.again);
    } finally {
      this.running = false;
    }
  }

  #show(messages) {
    const atEnd = this.#distance() < 80;
    const first = this.known.length === 0;
    const alive = messages.filter((message) => !message.deleted);
    const newest = alive.at(-1);
    const grown = newest && newest.message_id > (this.known.at(-1)?.message_id ?? 0);
    this.known = alive;
    this.#reconcile(alive);
    byId("empty").hidden = alive.length > 0;
    if (first || atEnd || (grown && newest.from?.id === this.me)) this.toEnd("auto");
    this.#offerEnd();
  }

  #reconcile(messages) {
    const wanted = new Set();
    let before = null;
    let place = list.firstElementChild;
    for (const message of messages) {
      for (const [key, signature, build] of this.#items(message, before)) {
        wanted.add(key);
        let item = this.shown.get(key);
        if (item?.signature !== signature) {
          const element = build();
          if (item) {
            if (item.element === place) place = element;
            item.element.replaceWith(element);
          }
          item = { signature, element };
          this.shown.set(key, item);
        }
        if (item.element === place) place = place.nextElementSibling;
        else list.insertBefore(item.element, place);
      }
      before = message;
    }
    for (const [key, item] of this.shown) {
      if (wanted.has(key)) continue;
      item.element.remove();
      this.shown.delete(key);
    }
  }

  #items(message, before) {
    const items = [];
    const day = dayOf(message);
    if (!before || dayOf(before) !== day) items.push([`day ${day}`, day, () => make("li", { className: "day" }, day)]);
    const joined = !before?.service && before?.from?.id === message.from?.id && message.date - before.date < JOIN_SECONDS;
    if (message.service) {
      items.push([message.message_id, message.service, () => make("li", { className: "day" }, message.service)]);
      return items;
    }
    items.push([message.message_id, JSON.stringify([message, joined]), () => this.#bubble(message, joined)]);
    return items;
  }

  #bubble(message, joined) {
    const mine = message.from?.id === this.me;
    const named = this.group && !mine && !joined;
    const bubble = make("div", { className: "bubble" },
      named ? make("div", { className: "sender" }, message.from?.first_name ?? "") : null,
      this.#quote(message),
      message.media ? media(message.media) : null,
      make("span", { className: "body" }, richText(message.text ?? "", message.entities, this.on.onCommand)),
      this.#meta(message),
      this.#tools(message, mine));
    return make("li", { className: `message${mine ? " mine" : ""}${joined ? " joined" : ""}` },
      make("div", { className: "stack" }, bubble, this.#keyboard(message)));
  }

  #quote(message) {
    const original = message.reply_to && this.known.find((other) => other.message_id === message.reply_to);
    return original ? make("div", { className: "quote" }, original.text || label(original.media)) : null;
  }

  #meta(message) {
    const time = new Date(message.date * 1000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const meta = make("span", { className: "meta" });
    if (message.edit_date) meta.append(this.#editedMark(message), " ");
    meta.append(time);
    return meta;
  }

  #editedMark(message) {
    const mark = make("span", { className: "edited", title: "Edited" }, "edited");
    mark.addEventListener("mouseenter", async () => {
      const versions = await api.history(message.chat ?? this.chat, message.message_id).catch(() => null);
      const texts = (versions ?? []).map((version) => (typeof version === "string" ? version : version.text));
      if (texts.length > 1) mark.title = `Before:\n${texts.slice(0, -1).join("\n— then —\n")}`;
    }, { once: true });
    return mark;
  }

  #tools(message, mine) {
    const tools = make("div", { className: "tools" },
      make("button", { type: "button", onclick: () => this.on.onReply(message) }, "Reply"));
    if (mine) tools.append(make("button", { type: "button", onclick: () => this.on.onEdit(message) }, "Edit"));
    return tools;
  }

  #keyboard(message) {
    const rows = message.reply_markup?.inline_keyboard;
    if (!rows?.length) return null;
    return make("div", { className: "keyboard" },
      ...rows.map((row) => make("div", {}, ...row.map((button) => this.#button(message, button)))));
  }

  #button(message, { text, callback_data: data, url, copy_text: copy }) {
    if (url) return make("a", { className: "press", href: /^(https?|tg):/i.test(url) ? url : "#", target: "_blank", rel: "noreferrer noopener" }, `${text} ↗`);
    const button = make("button", { type: "button", className: "press" }, text);
    if (data !== undefined) button.addEventListener("click", () => this.#press(message, data, button));
    else if (copy) button.addEventListener("click", () => navigator.clipboard.writeText(copy.text).then(() => toast("Copied")));
    else button.disabled = true;
    return button;
  }

  async #press(message, data, button) {
    if (button.classList.contains("waiting")) return;
    button.classList.add("waiting");
    const pressed = await attempt(() => api.press({ user: this.me, chat: this.chat, message_id: message.message_id, data }));
    const id = pressed?.callback_query_id;
    if (!id) { button.classList.remove("waiting"); return; }
    this.waiting.set(id, button);
    setTimeout(() => this.#giveUp(id), ANSWER_SECONDS * 1000);
    await this.settleCallbacks();
  }

  // Asks what became of the buttons that still spin.
  async settleCallbacks() {
    for (const [id, button] of [...this.waiting]) {
      const answer = await api.callback(id).catch(() => null);
      if (!answer?.answered || !this.waiting.delete(id)) continue;
      button.classList.remove("waiting");
      if (answer.text) (answer.show_alert ? alertBox : toast)(answer.text);
    }
  }

  #giveUp(id) {
    const button = this.waiting.get(id);
    if (!this.waiting.delete(id)) return;
    button.classList.remove("waiting");
    toast(`The bot has not answered this button for ${ANSWER_SECONDS} seconds.`);
  }

  toEnd(behavior) { stream.scrollTo({ top: stream.scrollHeight, behavior }); }
  #distance() { return stream.scrollHeight - stream.scrollTop - stream.clientHeight; }
  #offerEnd() { byId("to-end").hidden = this.#distance() < 300; }
}

function dayOf(message) {
  return new Date(message.date * 1000).toLocaleDateString([], { day: "numeric", month: "long", year: "numeric" });
}

function media(file) {
  const address = `/sandbox/documents/${encodeURIComponent(file.file_id)}`;
  if (file.kind === "photo") return make("img", { className: "photo", src: address, alt: label(file), width: file.width, height: file.height });
  return make("a", { className: "document", href: address, download: label(file) },
    icon(DOWNLOAD), make("span", {}, make("b", {}, label(file)), make("small", { className: "muted" }, bytes(file.file_size ?? 0))));
}

function label(file) {
  return file ? file.file_name || `[${file.kind}]` : "";
}

function bytes(size) {
  if (size < 1000) return `${size} bytes`;
  return size < 1e6 ? `${(size / 1e3).toFixed(1)} kB` : `${(size / 1e6).toFixed(1)} MB`;
}
