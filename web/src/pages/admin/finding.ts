/** Members and purchases by whatever names them: each way that fits what was typed is asked. */
import { api, type PurchaseRow, type User } from "../../core/api";
import { rememberName } from "../../core/names";
import { Problem } from "../../core/problem";

const NUMBER = /^\d{1,15}$/;
const CODE = /^[0-9a-z]{10}$/i;
/** A referral link ends with its code. */
const LINK = /\/r\/([0-9a-z]+)\/?$/i;
/** The most characters of a shop's own id of a member. */
const EXTERNAL_ID_CHARS = 64;

/** The answers about what is not there, or cannot be. */
const NOTHING = [400, 404];

export async function findMembers(wanted: string): Promise<User[]> {
  const code = LINK.exec(wanted)?.[1] ?? wanted;
  const asked: Promise<User[]>[] = [];
  if (NUMBER.test(wanted)) asked.push(api.user(Number(wanted)).then((user) => [user]));
  if (CODE.test(code)) asked.push(api.usersBy("code", code));
  if (wanted.includes("@")) asked.push(api.usersBy("email", wanted));
  if (wanted.length <= EXTERNAL_ID_CHARS) asked.push(api.usersBy("external_id", wanted));
  const found = await all(asked, (user) => user.user_id);
  for (const user of found) rememberName(user.user_id, user.name);
  return found;
}

export async function findPurchases(wanted: string): Promise<PurchaseRow[]> {
  const asked: Promise<PurchaseRow[]>[] = [api.purchasesBy(wanted)];
  if (NUMBER.test(wanted)) asked.unshift(api.purchase(Number(wanted)).then((purchase) => [purchase]));
  const found = await all(asked, (purchase) => purchase.purchase_id);
  for (const purchase of found) rememberName(purchase.user_id, purchase.user_name);
  return found;
}

/** All that was found, each once: one thing may be named in two ways. */
async function all<T>(asked: Promise<T[]>[], idOf: (row: T) => number): Promise<T[]> {
  const found = (await Promise.all(asked.map((rows) => rows.catch(nothing<T>)))).flat();
  return [...new Map(found.map((row) => [idOf(row), row])).values()];
}

function nothing<T>(error: unknown): T[] {
  if (error instanceof Problem && NOTHING.includes(error.status)) return [];
  throw error;
}
