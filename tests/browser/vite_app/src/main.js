import { nanoid } from "nanoid";
import { greeting } from "./greeting.js";

const show = (text) => {
  document.querySelector("#greeting").textContent = text;
};

// Set once a page load: it stays the same when a module is replaced, and changes on a reload.
document.querySelector("#marker").textContent = nanoid();
show(greeting);

import.meta.hot.accept("./greeting.js", (module) => show(module.greeting));
