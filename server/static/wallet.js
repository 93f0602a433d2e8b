// Keeps the QR code fresh, waits for the wallet, then sends the form that asks the server how it ended. It listens to the
// server's events; where they do not come through, it asks again and again. All that people read was written by the
// server; without this script the page's buttons do the same.
"use strict";

(() => {
  const section = document.getElementById("wallet");
  const status = document.getElementById("wallet-status");
  if (!section || !status) return;

  const { base, transaction, csrf } = section.dataset;
  const started = performance.now();
  const serverTime = Number(section.dataset.now);
  const now = () => new Date(serverTime + performance.now() - started).toISOString();
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // What a screen reader hears: the states, and nothing of the pictures in between.
  let shown = "";
  const show = (state) => {
    if (state === shown) return;
    shown = state;
    if (state !== "offline") section.dataset.state = state;
    status.textContent = status.dataset[state] || "";
  };

  let over = false;
  const leave = (state) => {
    over = true;
    show(state);
    clearTimeout(timer);
    if (state === "approved" || state === "denied") document.getElementById("continue").submit();
  };

  // The number that the citizen types into the wallet, where the server asks for it.
  const number = (digits) => {
    const place = document.getElementById("match-number");
    if (place && digits) place.textContent = digits;
  };

  const reach = (state, match) => {
    number(match);
    if (state === "approved" || state === "denied") leave(state);
    else show(state);
  };

  // The picture changes in its place: its square is kept free by the style, nothing else moves.
  const picture = (drawing, link, code) => {
    const parsed = typeof drawing === "string" ? new DOMParser().parseFromString(drawing, "text/html").body : drawing;
    document.getElementById("qr").replaceChildren(...parsed.childNodes);
    document.getElementById("open-wallet").href = link;
    section.dataset.code = code;
  };

  const call = (name, request, signal) => fetch(`${base}/linked-authorization/${name}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-XSRF-TOKEN": csrf },
    body: JSON.stringify({ requestTime: now(), request }),
    signal,
  });

  // --- Events ---

  // A stream whose first event does not come is held back by a proxy; one that is silent for longer than two of the
  // server's heartbeats is dead.
  const [FIRST, SILENCE] = [8000, 40000];

  /** Takes the events that are complete in a text; gives the rest. */
  const take = (text, hear) => {
    const blocks = text.split("\n\n");
    const rest = blocks.pop();
    for (const block of blocks) {
      const line = (name) => block.split("\n").find((found) => found.startsWith(name));
      const [event, data] = [line("event: "), line("data: ")];
      if (event && data) hear(event.slice(7), JSON.parse(data.slice(6)));
    }
    return rest;
  };

  /** Listens until the stream ends. Whether anything was heard; `null` where this server or a proxy has no stream for us. */
  const listen = async () => {
    const stop = new AbortController();
    let heard = false;
    let dead = 0;
    const alive = () => {
      clearTimeout(dead);
      dead = setTimeout(() => stop.abort(), heard ? SILENCE : FIRST);
    };
    try {
      alive();
      const request = { transactionId: transaction, linkCode: section.dataset.code };
      const answer = await call("link-events", request, stop.signal);
      if (answer.status >= 500 || answer.status === 429) return false;
      if (!(answer.headers.get("Content-Type") || "").startsWith("text/event-stream")) return null;
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      while (!over) {
        const { done, value } = await reader.read();
        if (done) break;
        text = take(text + value, (event, data) => {
          heard = true;
          if (over) return;
          if (event === "frame") {
            if (data.linkCode !== section.dataset.code) picture(data.svg, data.deepLink, data.linkCode);
          } else if (event === "state") {
            reach(data.state, data.match);
          } else if (event === "warning") {
            const warning = document.getElementById("scanned-twice");
            if (warning) warning.textContent = warning.dataset.text;
          } else if (event === "end") {
            leave(shown);
          }
        });
        alive();
      }
    } catch {
      // Cut, or given up for its silence.
      if (stop.signal.aborted && !heard) return null;
    } finally {
      clearTimeout(dead);
      stop.abort();
    }
    return heard;
  };

  /** Listens, and comes back where a stream is cut: a server that stops says nothing more. */
  const listenAgain = async () => {
    let failures = 0;
    while (!over && failures < 3) {
      const heard = await listen();
      if (heard === null) return;
      failures = heard ? 0 : failures + 1;
      if (over) return;
      if (failures > 1) show("offline");
      await pause(500 * 2 ** failures);
    }
  };

  // --- Long polls, where events do not come through ---

  let timer = 0;
  const refreshLater = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, Number(section.dataset.shown));
  };

  // No further codes: the last one may still be claimed until the server says that it has expired.
  let last = false;

  const refresh = async () => {
    if (over || section.dataset.state !== "waiting") return;
    try {
      const form = new URLSearchParams(new FormData(document.getElementById("refresh")));
      const answer = await fetch(`${base}/authorize/start`, { method: "POST", body: form });
      if (answer.status >= 500 || answer.status === 429) throw new Error("busy");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("wallet");
      if (over || section.dataset.state !== "waiting") return;
      if (!fresh) {
        last = true;
        return;
      }
      picture(fresh.querySelector("#qr"), fresh.querySelector("#open-wallet").href, fresh.dataset.code);
      section.dataset.shown = fresh.dataset.shown;
      refreshLater();
    } catch {
      show("offline");
      timer = setTimeout(refresh, 2000);
    }
  };

  const ask = async (known) => {
    const request = { transactionId: transaction, linkCode: section.dataset.code, state: known };
    const answer = await call("link-status", request);
    if (answer.status >= 500 || answer.status === 429) throw new Error("busy");
    const body = await answer.json();
    const code = body.errors && body.errors[0] ? body.errors[0].errorCode : "";
    return { ...body.response, code };
  };

  const poll = async () => {
    let failures = 0;
    let known = "waiting";
    refreshLater();
    while (!over) {
      const asked = section.dataset.code;
      try {
        const { state, match, code } = await ask(known);
        failures = 0;
        if (code === "response_timeout") {
          if (shown === "offline") show(known);
        } else if (code === "invalid_link_code") {
          // Only the code is over; where the page has a newer one already, ask for that.
          if (last) return leave("expired");
          if (asked === section.dataset.code) await refresh();
          await pause(500);
        } else if (code) {
          return leave("over");
        } else {
          known = state;
          clearTimeout(timer);
          reach(state, match);
        }
      } catch {
        show("offline");
        await pause(Math.min(1000 * 2 ** failures++, 15000));
      }
    }
  };

  // A page that comes back from the browser's memory shows a code that is long over.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

  show("waiting");
  listenAgain().then(() => over || poll());
})();
