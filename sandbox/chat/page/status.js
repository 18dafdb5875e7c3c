// How the bot is, in words: under its name, and in a banner when something is wrong.
import { api } from "./api.js";
import { attempt, byId, make } from "./dom.js";

const EVERY_MS = 2000;
const TYPING_MS = 5000;
const SLOW_MS = 12000;
const SILENCE_MS = 4000;

export class BotStatus {
  constructor() {
    this.online = true;
    this.lastPolled = 0;
    byId("start-bot").addEventListener("click", () => attempt(async () => { await api.startBot(); await this.refresh(); }));
    setInterval(() => this.refresh(), EVERY_MS);
  }

  async refresh() {
    if (document.hidden && this.place) return this.place;
    try {
      [this.place, this.state] = await Promise.all([api.place(), api.state()]);
      if (this.state.polling || this.state.webhook) this.lastPolled = Date.now();
      this.botName = this.place.bot_name;
      this.online = true;
    } catch {
      this.online = false;
    }
    this.draw();
    return this.place;
  }

  connected(yes) {
    this.online = yes;
    this.draw();
  }

  sent() {
    this.waitingSince = Date.now();
    setTimeout(() => this.draw(), SLOW_MS + 100);
  }

  answered(here) {
    this.waitingSince = undefined;
    if (here) this.typingUntil = 0;
    this.draw();
  }

  typing() {
    this.typingUntil = Date.now() + TYPING_MS;
    setTimeout(() => this.draw(), TYPING_MS + 50);
    this.draw();
  }

  // A bot that polls asks again within moments; it is away when it has not for some seconds.
  get #away() { return Date.now() - this.lastPolled > SILENCE_MS; }

  draw() {
    const away = !this.online || this.#away;
    const line = Date.now() < (this.typingUntil ?? 0) ? "typing…" : away ? "not running" : "bot · online";
    byId("chat-status").textContent = this.online ? line : "no connection";
    const told = this.#trouble(away);
    byId("banner").hidden = !told;
    byId("banner-text").replaceChildren(...(told ?? []));
    byId("start-bot").hidden = !(told && this.online && this.place?.bot === "ended");
  }

  #trouble(away) {
    if (!this.online) return ["The sandbox does not answer. Start it again with ", code("make run"), "; this page reconnects by itself."];
    if (!this.place) return null;
    if (away) return [this.#absence(), this.#pending()];
    if (this.waitingSince && Date.now() - this.waitingSince > SLOW_MS) return ["The bot has not answered yet. What it logs is in the terminal it runs in."];
    return null;
  }

  #absence() {
    const { bot, exit_code: code_ } = this.place;
    if (bot === "running") return "The bot is starting, or does not ask for messages.";
    if (bot === "ended") return `The bot has ended (exit code ${code_}).`;
    return "No bot is connected: the sandbox was started with --no-bot.";
  }

  #pending() {
    const waiting = this.state?.pending ?? 0;
    return waiting ? ` ${waiting === 1 ? "1 message waits" : `${waiting} messages wait`} for it.` : "";
  }
}

function code(text) { return make("code", {}, text); }
