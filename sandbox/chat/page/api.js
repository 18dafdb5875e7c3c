// The sandbox's control side, as the page uses it. Every call throws an Error with a sentence for people.

async function call(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Error("The sandbox does not answer. Is it still running?");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Error(sentence(body) ?? `The sandbox answered ${answer.status}.`);
  return body;
}

function sentence(body) {
  const error = body?.description ?? body?.error?.message ?? body?.error ?? body?.message;
  return typeof error === "string" ? error : undefined;
}

function post(path, body) {
  return call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
}

export const api = {
  users: () => call("/sandbox/users"),
  addUser: (user) => post("/sandbox/users", user),
  chats: () => call("/sandbox/chats"),
  addGroup: (title, members) => post("/sandbox/chats", { type: "group", title, members }),
  messages: (chat, after, viewer) => call(`/sandbox/chats/${chat}/messages?after=${after}&viewer=${viewer}`),
  history: (chat, message) => call(`/sandbox/chats/${chat}/history/${message}`),
  send: (message) => post("/sandbox/send", message),
  press: (press) => post("/sandbox/press", press),
  callback: (id) => call(`/sandbox/callbacks/${id}`),
  block: (user, blocked) => post("/sandbox/block", { user, blocked }),
  state: () => call("/sandbox/state"),
  commands: (user, chat) => call(`/sandbox/chats/${chat}/commands?user=${user}`),
  place: () => call("/place"),
  startBot: () => post("/bot/start", {}),
  sheet: (revision) => call(`/sheet?revision=${revision}`),
  editSheet: (edit) => post("/sheet/edit", edit),
  events: () => new EventSource("/sandbox/events"),
};
