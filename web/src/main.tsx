import "./styles/index.css";

import { render } from "preact";

import { App } from "./app";
import { adoptTokenFromAddress } from "./core/session";

void adoptTokenFromAddress();
// An access link opened in a tab that already shows us loads nothing anew.
addEventListener("hashchange", () => void adoptTokenFromAddress());

const root = document.getElementById("app");
if (root) render(<App />, root);
