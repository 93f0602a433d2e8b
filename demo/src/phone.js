"use strict";
const $ = (id) => document.getElementById(id);
const show = (id, on) => { $(id).hidden = !on; };

async function call(path, body, type = "application/json") {
  show("error", false);
  const response = await fetch(`/phone/${path}`, { method: "POST", headers: { "content-type": type }, body });
  const answer = await response.json();
  if (!response.ok) {
    $("error").textContent = answer.error;
    show("error", true);
    throw new Error(answer.error);
  }
  return answer;
}
const text = (value) => JSON.stringify({ text: value });

async function refresh() {
  const state = await (await fetch("/phone/state")).json();
  show("bind", !state.bound);
  show("scan", state.bound && $("review").hidden);
  $("receipts").replaceChildren(...state.receipts.map(receipt));
  $("log").replaceChildren(...state.log.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
}

function receipt({ id, said, given }) {
  const item = Object.assign(document.createElement("li"), { textContent: `${said} ` });
  if (given) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: "Withdraw" });
    button.onclick = async () => { await call("withdraw", text(id)); await ended("Withdrawn: they get nothing any more."); };
    item.append(button);
  }
  return item;
}

function review(asked) {
  $("rp").textContent = asked.name;
  $("domain").textContent = asked.domain ?? "";
  $("page").textContent = asked.page ?? "?";
  const near = { true: "in your network", false: "not in your network" }[asked.near];
  $("browser").textContent = [asked.browser ?? "a browser", asked.place, near].filter(Boolean).join(", ");
  $("number").value = "";
  show("number-step", asked.number);
  $("essential").replaceChildren(...asked.essential.map((name) => Object.assign(document.createElement("li"), { textContent: name })));
  $("voluntary").replaceChildren(...asked.voluntary.map((name) => {
    const label = document.createElement("label");
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value: name });
    label.append(box, ` ${name}`);
    return label;
  }));
  show("done", false);
  show("scan", false);
  show("review", true);
  $(asked.number ? "number" : "approve").focus();
}

async function ended(said) {
  show("review", false);
  $("done").textContent = said;
  show("done", true);
  await refresh();
}

/** One frame of whatever the person shares, as PNG. */
async function capture() {
  const stream = await navigator.mediaDevices.getDisplayMedia({ video: true });
  const video = Object.assign(document.createElement("video"), { srcObject: stream, muted: true });
  await video.play();
  const canvas = Object.assign(document.createElement("canvas"), { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d").drawImage(video, 0, 0);
  stream.getTracks().forEach((track) => track.stop());
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
}

$("send-otp").onclick = async () => {
  $("sent-to").textContent = await call("otp", text($("person").value));
  show("otp-step", true);
  $("otp").focus();
};
$("do-bind").onclick = async () => { await call("bind", text($("otp").value)); await ended("This phone is bound."); };
$("capture").onclick = async () => review(await call("scan", await capture(), "image/png"));
$("picture").onchange = async (event) => {
  const [file] = event.target.files;
  event.target.value = "";
  if (file) review(await call("scan", file, file.type));
};
$("open").onclick = async () => review(await call("open", text($("link").value)));
$("approve").onclick = async () => {
  const claims = [...$("voluntary").querySelectorAll("input:checked")].map((box) => box.value);
  const number = $("number").value.trim() || null;
  if (!number && !$("number-step").hidden) { $("number").focus(); return; }
  try { await call("approve", JSON.stringify({ claims, number })); } catch (error) { await ended("Not logged in."); throw error; }
  await ended("Approved: look at the browser.");
};
$("deny").onclick = async () => { await call("deny", "{}"); await ended("Denied: nobody was logged in."); };
refresh();
