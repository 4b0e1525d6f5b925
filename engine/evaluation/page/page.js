"use strict";
// One film plays at a time; a line runs over its spectrogram, and a click there goes to that moment.
const players = [...document.querySelectorAll(".card video")];
for (const video of players) {
  const sight = video.closest(".card").querySelector(".sight");
  const head = sight.querySelector(".head");
  const length = Number(sight.dataset.duration);
  const show = () => {
    head.style.opacity = "1";
    head.style.left = `${Math.min(100, (100 * video.currentTime) / length)}%`;
    if (!video.paused) requestAnimationFrame(show);
  };
  video.addEventListener("play", () => {
    for (const other of players) if (other !== video) other.pause();
    show();
  });
  video.addEventListener("seeked", show);
  sight.addEventListener("click", (event) => {
    const box = sight.getBoundingClientRect();
    video.currentTime = (length * (event.clientX - box.left)) / box.width;
  });
}
