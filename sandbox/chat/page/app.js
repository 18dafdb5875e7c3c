// Wires the page: who one is and where (kept in the address, so that two tabs can be two people), live events.
import { api } from "./api.js";
import { attempt, avatar, byId } from "./dom.js";
import { Composer } from "./composer.js";
import { Messages } from "./messages.js";
import { People } from "./people.js";
import { Sheet } from "./sheet.js";
import { BotStatus } from "./status.js";

const narrow = matchMedia("(max-width: 700px)");
const medium = matchMedia("(max-width: 1080px)");

let me;
let chat;

const composer = new Composer((message) => attempt(async () => {
  const sent = await api.send({ user: me, chat, ...message });
  status.sent();
  messages.toEnd("auto");
  return sent;
}));
const messages = new Messages({
  onReply: (message) => composer.replyTo(message),
  onEdit: (message) => composer.edit(message),
  onCommand: (text) => composer.send({ text }),
});
const people = new People((user, where) => go(user, where));
const status = new BotStatus();
const sheet = new Sheet();

function go(user, where) {
  const address = user === where ? `#${user}` : `#${user}/${where}`;
  show("chat");
  if (location.hash === address) return;
  location.hash = address;
}

function show(pane) {
  document.body.dataset.pane = pane;
}

// -- the chat that the address names -------------------------------------------------------------------------

async function openAddressed() {
  const [user, where] = location.hash.slice(1).split("/").map(Number);
  me = people.user(user) ? user : people.users[0]?.id;
  chat = people.group(where)?.members.includes(me) ? where : me;
  if (me === undefined) return;
  people.read(chat, me);
  composer.reset();
  drawHead();
  await attempt(() => messages.open(chat, me, chat !== me));
  composer.useCommands(await api.commands(me, chat).catch(() => null));
}

function drawHead() {
  const group = people.group(chat);
  const name = status.botName ?? "The bot";
  byId("chat-title").textContent = group ? group.title : name;
  byId("chat-avatar").replaceWith(headAvatar(group));
  byId("block").hidden = Boolean(group);
  byId("block").textContent = people.user(me)?.blocked ? "Unblock" : "Block";
  drawEmpty(people.user(me)?.first_name ?? "", group);
}

function headAvatar(group) {
  const picture = group ? avatar(group.id, group.title) : Object.assign(document.createElement("span"), { className: "avatar bot" });
  picture.id = "chat-avatar";
  return picture;
}

function drawEmpty(name, group) {
  const title = Object.assign(document.createElement("b"), { textContent: group ? "Nobody has written here" : `${name} has not written to the bot yet` });
  byId("empty").replaceChildren(title, group ? "Commands with a / reach the bot in a group." : "Say /start, or ask for proxies with /take beboo 5.");
}

// -- live ----------------------------------------------------------------------------------------------------

function listen() {
  const events = api.events();
  events.onopen = () => { status.connected(true); attempt(() => messages.refresh()); };
  events.onerror = () => status.connected(false);
  events.onmessage = ({ data }) => heard(JSON.parse(data));
  for (const kind of ["message", "edit", "delete", "callback_answer", "chat_action"]) {
    events.addEventListener(kind, ({ data }) => heard({ kind, ...JSON.parse(data) }));
  }
}

function heard(event) {
  if (event.kind === "callback_answer") { messages.settleCallbacks(); return; }
  const fromBot = event.message?.from?.is_bot ?? true;
  if (event.kind === "chat_action") { if (event.chat === chat) status.typing(); return; }
  if (fromBot) status.answered(event.chat === chat);
  if (event.chat === chat) attempt(() => messages.refresh());
  else if (event.kind === "message" && fromBot) people.heard(event.chat);
  if (!people.user(event.chat) && !people.group(event.chat)) attempt(() => people.refresh());
  if (fromBot) sheet.refresh();
}

// -- the bars ------------------------------------------------------------------------------------------------

byId("to-people").addEventListener("click", () => show("people"));
byId("to-sheet").addEventListener("click", () => {
  if (narrow.matches) show("sheet");
  else document.body.classList.toggle("no-sheet");
  sheet.show();
});
byId("from-sheet").addEventListener("click", () => {
  if (narrow.matches) show("chat");
  else document.body.classList.add("no-sheet");
});
byId("block").addEventListener("click", () => attempt(async () => {
  await api.block(me, !people.user(me)?.blocked);
  await people.refresh();
  drawHead();
}));
addEventListener("hashchange", openAddressed);

async function start() {
  if (medium.matches && !narrow.matches) document.body.classList.add("no-sheet");
  await attempt(async () => {
    people.roles = (await status.refresh())?.roles ?? {};
    await people.refresh();
  });
  await openAddressed();
  listen();
  sheet.refresh();
}

start();
