import "./styles/index.css";

import { render } from "preact";

import { App } from "./app";
import { adoptTokenFromAddress } from "./core/session";

adoptTokenFromAddress();

const root = document.getElementById("app");
if (root) render(<App />, root);
