// The list on the left: who one is, and in which chat.
import { api } from "./api.js";
import { attempt, avatar, byId, make } from "./dom.js";

export class People {
  constructor(onOpen) {
    this.onOpen = onOpen;
    this.users = [];
    this.groups = [];
    this.roles = {};
    this.unread = new Map();
    byId("add-person").addEventListener("click", () => open("person-dialog"));
    byId("add-group").addEventListener("click", () => { this.#offerMembers(); open("group-dialog"); });
    submitted("person-dialog", (data) => this.#addPerson(data));
    submitted("group-dialog", (data) => this.#addGroup(data));
    for (const close of document.querySelectorAll("[data-close]")) close.addEventListener("click", () => close.closest("dialog").close());
  }

  async refresh() {
    const [users, chats] = await Promise.all([api.users(), api.chats()]);
    this.users = users.filter((user) => !user.is_bot);
    this.groups = chats.filter((chat) => chat.type !== "private");
    this.draw();
  }

  user(id) { return this.users.find((user) => user.id === id); }
  group(id) { return this.groups.find((group) => group.id === id); }

  heard(chat) {
    this.unread.set(chat, (this.unread.get(chat) ?? 0) + 1);
    this.draw();
  }

  read(chat, me) {
    Object.assign(this, { chat, me });
    this.unread.delete(chat);
    this.draw();
  }

  draw() {
    byId("people-list").replaceChildren(...this.users.map((user) => this.#entry(user.id, user.first_name, this.#about(user), user.id === this.chat ? "here" : user.id === this.me ? "me" : "", () => this.onOpen(user.id, user.id))));
    const groups = this.groups.filter((group) => group.members.includes(this.me));
    byId("groups-title").hidden = groups.length === 0;
    byId("groups-list").replaceChildren(...groups.map((group) => this.#entry(group.id, group.title, `as ${this.user(this.me)?.first_name ?? "…"}`, group.id === this.chat ? "here" : "", () => this.onOpen(this.me, group.id))));
  }

  #about(user) {
    return [user.username && `@${user.username}`, this.roles[user.id] ?? "stranger"].filter(Boolean).join(" · ");
  }

  #entry(id, name, about, mark, act) {
    const count = this.unread.get(id);
    return make("li", {}, make("button", { type: "button", className: `entry ${mark}`, ariaCurrent: String(mark === "here"), onclick: act },
      avatar(id, name), make("span", {}, make("b", {}, name), make("small", { className: "muted" }, about)),
      count ? make("span", { className: "unread" }, String(count)) : null));
  }

  #addPerson({ first_name: name, username }) {
    return attempt(async () => {
      const user = await api.addUser({ first_name: name.trim(), ...(username && { username: username.replace(/^@/, "") }) });
      await this.refresh();
      this.onOpen(user.id, user.id);
    });
  }

  #offerMembers() {
    const boxes = this.users.map((user) => make("label", {}, make("input", { type: "checkbox", name: "members", value: user.id, defaultChecked: true }), user.first_name));
    byId("group-members").replaceChildren(byId("group-members").firstElementChild, ...boxes);
  }

  #addGroup({ title }) {
    const members = [...byId("group-members").querySelectorAll(":checked")].map((box) => Number(box.value));
    return attempt(async () => {
      const group = await api.addGroup(title.trim(), members);
      await this.refresh();
      this.onOpen(this.me, group.id);
    });
  }
}

function open(id) {
  byId(id).querySelector("form").reset();
  byId(id).showModal();
}

function submitted(id, act) {
  byId(id).addEventListener("close", () => {
    if (byId(id).returnValue !== "ok") return;
    byId(id).returnValue = "";
    act(Object.fromEntries(new FormData(byId(id).querySelector("form"))));
  });
}
