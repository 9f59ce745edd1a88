import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";

const KEY = "banyan.theme";

const isTheme = (text: string | null): text is Theme =>
  text === "system" || text === "light" || text === "dark";

const stored = localStorage.getItem(KEY);
export const theme = signal<Theme>(isTheme(stored) ? stored : "system");

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const systemIsDark = signal(prefersDark.matches);
prefersDark.addEventListener("change", (event) => {
  systemIsDark.value = event.matches;
});

/** Read by whatever has to paint again when the colours change. */
export const isDark = () =>
  theme.value === "dark" || (theme.value === "system" && systemIsDark.value);

effect(() => {
  localStorage.setItem(KEY, theme.value);
  document.documentElement.dataset.theme = theme.value;
});
