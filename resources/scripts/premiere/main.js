const { createFoley, told } = require("./foley.js");

const foley = createFoley({
  ppro: require("premierepro"),
  fs: require("fs"),
  shell: require("uxp").shell,
  config: require("./config.js"),
});

function on(id, action) {
  const button = document.getElementById(id);
  button.addEventListener("click", async () => {
    button.disabled = true;
    document.getElementById("told").textContent = await told(action);
    button.disabled = false;
  });
}

on("open", () => foley.openPanel({ asXml: document.getElementById("xml").checked }));
on("back", () => foley.bringBack());
