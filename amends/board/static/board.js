// The board works without this file. It adds keys, answers in place, and news as they come.
import "./keys.js";
import "./answers.js";
import "./live.js";

for (const shown of document.querySelectorAll("[data-script]")) shown.hidden = false;
