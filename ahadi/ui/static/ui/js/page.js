// Everything here makes a page nicer; no page needs it.
import "./copy.js";
import "./autosize.js";
import "./dialog.js";
import "./draft.js";
import "./leaving.js";
import "./menu.js";
import "./print.js";
import "./scheme.js";
import "./times.js";
import "./zone.js";
