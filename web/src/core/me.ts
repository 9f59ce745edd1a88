import { effect } from "@preact/signals";

import { api, type Me } from "./api";
import { programmeCurrency } from "./money";
import { Resource } from "./resource";
import { session } from "./session";
import { timeZone } from "./time";

/** Who is signed in, and the plan in force. */
export const me = new Resource<Me>(api.me);

effect(() => {
  me.data.value = null;
  me.problem.value = null;
  if (session.value !== null) void me.reload();
});

effect(() => {
  if (me.data.value) timeZone.value = me.data.value.time_zone;
});

effect(() => {
  if (me.data.value) programmeCurrency.value = me.data.value.currency;
});

export const mayRead = (caller: Me) =>
  caller.kind === "admin" || caller.scopes.some((scope) => scope === "read" || scope === "admin");

export const mayReport = (caller: Me) =>
  caller.kind === "admin" ||
  caller.scopes.some((scope) => scope === "purchases:write" || scope === "admin");

export const mayAdminister = (caller: Me) =>
  caller.kind === "admin" || caller.scopes.includes("admin");

export const mayPay = (caller: Me) =>
  caller.kind === "admin" ||
  caller.scopes.some((scope) => scope === "payouts:write" || scope === "admin");
