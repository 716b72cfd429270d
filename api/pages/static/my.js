// A sign-in or sign-out that finds no network is kept in this browser, and sent once there is one
// again.  What is kept is the visit's id, a key and a time: nothing about anybody.  A sign-in keeps
// the door code too, because it proves who stood at the door; it goes when it was handed in.
// Without this script the forms are sent as any other, and may be sent again.

const KEPT = { sign_in: "timebank-sign-ins", sign_out: "timebank-sign-outs" };
const DAYS_KEPT = 7;
const PATIENCE_MS = 6_000;

const forms = {
  sign_in: document.querySelector("form[data-sign-in]"),
  sign_out: document.querySelector("form[data-sign-out]"),
};
const here = forms.sign_out?.dataset.signOut; // The visit of this page, whichever step is next.
const token = document.querySelector("input[name=form_token]")?.value;
const notices = {
  sign_in: document.querySelector("[data-kept-in]"),
  sign_out: document.querySelector("[data-kept]"),
};

const read = (step) => {
  try {
    return JSON.parse(localStorage.getItem(KEPT[step])) ?? {};
  } catch {
    return {}; // Storage is off, or holds what we never wrote.
  }
};

const write = (step, kept) => {
  try {
    localStorage.setItem(KEPT[step], JSON.stringify(kept));
    return true;
  } catch {
    return false;
  }
};

const drop = (step, order) => {
  const { [order]: _gone, ...others } = read(step);
  write(step, others);
};

const newKey = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
};

const pageOf = (id) => (id.startsWith("actv_") ? `/my/activities/${id}` : `/my/work/${id}`);

const within = async (ms, ask) => {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), ms);
  try {
    return await ask(stop.signal);
  } finally {
    clearTimeout(timer);
  }
};

// The server's local time, as far as it has gone on since the page was drawn: the phone's own
// clock may be wrong, and its time zone another.
const opened = Date.now();
const now = (form) =>
  new Date(Date.parse(`${form.dataset.now}Z`) + Date.now() - opened).toISOString().slice(0, 16);

const tell = (step, order) => {
  if (here !== order) return;
  notices[step].querySelector("[data-kept-at]").textContent = read(step)[order].at.slice(11);
  notices[step].hidden = false;
  if (step !== "sign_in" || !forms.sign_in) return;
  forms.sign_in.hidden = true; // The visit goes on without a network, and may end without one.
  forms.sign_out.hidden = false;
};

const send = async (step, order, { since: _since, ...said }) => {
  const body = new URLSearchParams({ form_token: token, ...said });
  let answer;
  try {
    answer = await within(PATIENCE_MS, (signal) =>
      fetch(`${pageOf(order)}/${step}`, { method: "POST", body, signal }));
  } catch {
    tell(step, order); // Still no network; the next page or the network itself tries again.
    return;
  }
  const path = new URL(answer.url).pathname;
  const isWrongCode = step === "sign_in" && answer.status === 403;
  const later = [401, 403, 404, 429].includes(answer.status) || answer.status >= 500;
  if ((later && !isWrongCode) || path === "/my") return; // Somebody else, or nobody; or not now.
  drop(step, order);
  if (step === "sign_in" && !answer.ok && answer.status !== 409) drop("sign_out", order);
  if (step === "sign_in" && order in read("sign_out")) return; // Its end is sent next.
  if (answer.ok) location.assign(answer.url);
  else if (answer.status === 409) location.assign(pageOf(order)); // It is over already.
  else location.assign(`${pageOf(order)}?done=not_sent`);
};

let sending = false;

const sendAll = async () => {
  if (!token || sending) return;
  sending = true;
  const oldest = new Date(Date.now() - DAYS_KEPT * 86_400_000).toISOString();
  for (const step of ["sign_in", "sign_out"]) {
    for (const [order, one] of Object.entries(read(step))) {
      if (one.since < oldest) drop(step, order);
      else if (step === "sign_in" || !(order in read("sign_in"))) await send(step, order, one);
    }
  }
  sending = false;
};

const over = document.querySelector("[data-over]");
if (over) for (const step of ["sign_in", "sign_out"]) drop(step, over.dataset.over);
for (const [step, form] of Object.entries(forms))
  if (form && !form.hidden && "refused" in form.dataset) drop(step, here);
if (here && here in read("sign_in")) tell("sign_in", here);

// A slip's QR code opens this page with the door code behind "#", which no server sees.
const scanned = location.hash.match(/^#([0-9]{4})$/)?.[1];
if (scanned) {
  const signIn = document.querySelector("form[action='/my/sign-in']");
  if (signIn) signIn.action += location.hash; // It comes along to the visit.
  const form = [forms.sign_in, forms.sign_out].find((one) => one && !one.hidden);
  const field = form?.querySelector("input[name=code]");
  if (field) {
    const whole = document.createElement("input");
    whole.type = "hidden";
    whole.name = "code";
    whole.value = `timebank:visit:${here}:${scanned}`;
    form.append(whole);
    field.removeAttribute("name");
    field.value = scanned;
    field.readOnly = true;
    history.replaceState(null, "", location.pathname);
  }
}

for (const [step, form] of Object.entries(forms)) {
  let pressed = false;
  form?.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (pressed) return;
    pressed = true;
    const one = { key: newKey(), at: now(form), since: new Date().toISOString() };
    if (step === "sign_in") one.code = new FormData(form).get("code");
    const isKept = write(step, { ...read(step), [here]: one });
    try {
      if (here in read("sign_in") && step === "sign_out") throw new TypeError("its begin comes first");
      const there = document.querySelector("link[rel=icon]").href;
      await within(PATIENCE_MS, (signal) => fetch(there, { cache: "no-store", signal }));
      if (step === "sign_in") drop(step, here); // A code that is wrong is told at once.
      form.submit();
    } catch {
      if (isKept) tell(step, here);
      else form.submit(); // Nothing can be kept: the browser says itself that there is no network.
    }
    pressed = false;
  });
}

addEventListener("online", sendAll);
addEventListener("pageshow", sendAll);
