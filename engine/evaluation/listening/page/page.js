"use strict";
// The page knows a trial as two media with opaque ids, left and right; which system is which stays with the server.

const CHOICES = [["left", "A"], ["none", "No preference"], ["right", "B"]];
const QUESTIONS = ["ovr", "rel", "ali"];
const SIDES = ["left", "right"];
const LETTERS = { left: "A", right: "B" };

const at = (selector) => document.querySelector(selector);
const figures = Object.fromEntries(SIDES.map((side) => [side, at(`figure[data-side=${side}]`)]));
const videos = Object.fromEntries(SIDES.map((side) => [side, figures[side].querySelector("video")]));

let listener = "";
let trials = [];
let number = 0;
let saving = Promise.resolve(); // answers are posted one after the other, so that the last said is the last kept

async function post(path, value) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(value),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}

function tellTrouble(words) {
  at("#trouble").textContent = words;
  at("#trouble").hidden = !words;
}

function show(id) {
  for (const part of ["start", "trial", "thanks"]) at(`#${part}`).hidden = part !== id;
  at("#progress").hidden = id === "start";
}

const isComplete = (trial) => QUESTIONS.every((question) => trial.choices[question]);
const wasHeard = (trial) => trial.played.every((times) => times > 0);

// ---- beginning

async function begin(name) {
  listener = name;
  try {
    trials = await post("trials", listener);
  } catch (error) {
    show("start");
    tellTrouble(`The study could not be opened (${error.message}). Is foley listen still running?`);
    return;
  }
  tellTrouble("");
  history.replaceState(null, "", `?listener=${encodeURIComponent(listener)}`);
  const open = trials.findIndex((trial) => !isComplete(trial));
  if (open < 0) finish();
  else showTrial(open);
}

// ---- a trial

function showTrial(index) {
  number = index;
  show("trial");
  for (const side of SIDES) {
    videos[side].src = `media/${trials[number][side]}.webm`;
    figures[side].querySelector(".head").style.width = "0";
  }
  update();
  figures.left.querySelector(".play").focus({ preventScroll: true });
  scrollTo(0, 0);
}

function update() {
  const trial = trials[number];
  const done = trials.filter(isComplete).length;
  at("#place").textContent = `Trial ${number + 1} of ${trials.length}`;
  at("#bar").value = done / trials.length;
  SIDES.forEach((side, index) => {
    figures[side].querySelector(".heard").hidden = trial.played[index] === 0;
    const isPlaying = !videos[side].paused && !videos[side].ended;
    figures[side].classList.toggle("playing", isPlaying);
    figures[side].querySelector(".what").textContent = `${isPlaying ? "Stop" : "Play"} ${LETTERS[side]}`;
  });
  for (const input of document.querySelectorAll("#questions input")) {
    input.disabled = !wasHeard(trial);
    input.checked = trial.choices[input.name] === input.value;
  }
  at("#back").disabled = number === 0;
  at("#next").disabled = !isComplete(trial);
  at("#next").textContent = number + 1 === trials.length ? "Finish" : "Next";
  const missing = SIDES.filter((side, index) => trial.played[index] === 0).map((side) => LETTERS[side]);
  if (missing.length) at("#hint").textContent = `Hear ${missing.join(" and ")} to the end to answer.`;
  else at("#hint").textContent = isComplete(trial) ? "" : "Answer all three; an answer can be changed.";
}

function toggle(side) {
  const video = videos[side];
  const isPlaying = !video.paused && !video.ended;
  for (const each of SIDES) videos[each].pause();
  if (isPlaying) return;
  video.currentTime = 0;
  video.play().catch((error) => {
    if (error.name !== "AbortError") tellTrouble(`The film cannot be played (${error.message}). Reload the page.`);
  });
}

function follow() {
  for (const side of SIDES) {
    const { currentTime, duration } = videos[side];
    figures[side].querySelector(".head").style.width = `${duration ? (100 * currentTime) / duration : 0}%`;
  }
  if (SIDES.some((side) => !videos[side].paused)) requestAnimationFrame(follow);
}

function choose(question, choice) {
  trials[number].choices[question] = choice;
  save();
  update();
}

function save() {
  const { choices, played } = trials[number];
  const said = { listener, number, choices: { ...choices }, played: [...played] };
  const trial = trials[number];
  saving = saving.then(async () => {
    try {
      await post("answer", said);
      trial.isUnsaved = false;
      tellTrouble("");
    } catch (error) {
      trial.isUnsaved = true;
      tellTrouble(`Your last answer is not saved (${error.message}). Is foley listen still running? Then press Next again.`);
    }
  });
}

async function goOn() {
  const trial = trials[number];
  if (trial.isUnsaved) save();
  at("#next").disabled = true;
  await saving;
  if (trial.isUnsaved) return update();
  for (const side of SIDES) videos[side].pause();
  if (number + 1 < trials.length) showTrial(number + 1);
  else {
    const open = trials.findIndex((each) => !isComplete(each));
    if (open < 0) finish();
    else showTrial(open);
  }
}

function finish() {
  show("thanks");
  at("#place").textContent = `All ${trials.length} answered`;
  at("#bar").value = 1;
  at("#thanks").focus();
}

// ---- wiring

for (const fieldset of document.querySelectorAll("#questions fieldset")) {
  const group = document.createElement("div");
  group.className = "choices";
  for (const [value, words] of CHOICES) {
    const label = document.createElement("label");
    const input = Object.assign(document.createElement("input"), { type: "radio", name: fieldset.dataset.question, value });
    const text = Object.assign(document.createElement("span"), { textContent: words });
    input.addEventListener("change", () => choose(fieldset.dataset.question, value));
    label.append(input, text);
    group.append(label);
  }
  fieldset.append(group);
}

SIDES.forEach((side, index) => {
  const video = videos[side];
  figures[side].querySelector(".play").addEventListener("click", () => toggle(side));
  video.addEventListener("click", () => toggle(side));
  video.addEventListener("play", () => { update(); follow(); });
  video.addEventListener("pause", update);
  video.addEventListener("ended", () => {
    trials[number].played[index] += 1;
    if (QUESTIONS.some((question) => trials[number].choices[question])) save();
    update();
  });
  video.addEventListener("error", () => tellTrouble("A film could not be loaded. Is foley listen still running? Then reload the page."));
});

document.addEventListener("keydown", (event) => {
  if (at("#trial").hidden || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const side = { 1: "left", 2: "right" }[event.key];
  if (side) { event.preventDefault(); toggle(side); }
});
at("#start").addEventListener("submit", (event) => {
  event.preventDefault();
  const name = at("#name").value.trim();
  if (name) begin(name);
});
at("#questions").addEventListener("submit", (event) => event.preventDefault());
at("#back").addEventListener("click", () => showTrial(number - 1));
at("#next").addEventListener("click", goOn);
at("#look-back").addEventListener("click", () => showTrial(trials.length - 1));

const named = (new URLSearchParams(location.search).get("listener") || "").trim();
if (named) begin(named);
else { show("start"); at("#name").focus(); }
