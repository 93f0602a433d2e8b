// Keeps the QR code fresh, waits for the wallet, then sends the form that asks the server how it ended. All that people
// read was written by the server; without this script the page's buttons do the same.
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

  let shown = "";
  const show = (state) => {
    if (state === shown) return;
    shown = state;
    if (state !== "offline") section.dataset.state = state;
    status.textContent = status.dataset[state] || "";
  };

  let over = false;
  const end = (state) => {
    over = true;
    show(state);
    clearTimeout(timer);
  };
  const leave = (state) => {
    end(state);
    document.getElementById("continue").submit();
  };

  let timer = 0;
  const refreshLater = () => {
    clearTimeout(timer);
    timer = setTimeout(refresh, Number(section.dataset.shown));
  };

  const refresh = async () => {
    if (over || section.dataset.state !== "waiting") return;
    try {
      const form = new URLSearchParams({ _csrf: csrf, transactionId: transaction });
      const answer = await fetch(base + "/authorize/start", { method: "POST", body: form });
      if (answer.status >= 500 || answer.status === 429) throw new Error("busy");
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("wallet");
      if (over || section.dataset.state !== "waiting") return;
      if (!fresh) return expire();
      document.getElementById("qr").replaceChildren(...fresh.querySelector("#qr").childNodes);
      document.getElementById("open-wallet").href = fresh.querySelector("#open-wallet").href;
      section.dataset.code = fresh.dataset.code;
      section.dataset.shown = fresh.dataset.shown;
      refreshLater();
    } catch {
      show("offline");
      timer = setTimeout(refresh, 2000);
    }
  };

  // No further codes: the last one may still be claimed until the server says that it has expired.
  let last = false;
  const expire = () => { last = true; };

  const ask = async (known) => {
    const request = { transactionId: transaction, linkCode: section.dataset.code, state: known };
    const answer = await fetch(base + "/linked-authorization/link-status", {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-XSRF-TOKEN": csrf },
      body: JSON.stringify({ requestTime: now(), request }),
    });
    if (answer.status >= 500 || answer.status === 429) throw new Error("busy");
    const body = await answer.json();
    const code = body.errors && body.errors[0] ? body.errors[0].errorCode : "";
    return { state: body.response && body.response.state, code };
  };

  const wait = async () => {
    let failures = 0;
    let known = "waiting";
    while (!over) {
      const asked = section.dataset.code;
      try {
        const { state, code } = await ask(known);
        failures = 0;
        if (code === "response_timeout") {
          if (shown === "offline") show(known);
        } else if (code === "invalid_link_code") {
          // Only the code is over; where the page has a newer one already, ask for that.
          if (last) return end("expired");
          if (asked === section.dataset.code) await refresh();
          await pause(500);
        } else if (code) {
          return end("over");
        } else if (state === "approved" || state === "denied") {
          return leave(state);
        } else {
          known = state;
          clearTimeout(timer);
          show(state);
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
  refreshLater();
  wait();
})();
