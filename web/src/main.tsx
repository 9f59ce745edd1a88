import { render } from "preact";
render(<p>Banyan</p>, document.getElementById("app")!);
