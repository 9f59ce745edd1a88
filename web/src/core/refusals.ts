/**
 * What the server refuses, in words for whoever filled in a form. Its own are
 * for whoever writes programs: they name types, fields and formats of the API.
 */
import { programmeCurrency, withMoney } from "./money";
import { formatMoment } from "./time";

const NOT_FILLED_IN = "Something is not filled in as it has to be";

const TITLES: Record<string, string> = {
  invalid_body: NOT_FILLED_IN,
  invalid_plan: NOT_FILLED_IN,
  invalid_query: NOT_FILLED_IN,
  invalid_amount: NOT_FILLED_IN,
  invalid_reference: NOT_FILLED_IN,
  user_not_found: "There is no such member",
  unauthorized: "You are signed out",
  invalid_token: "You are signed out",
  forbidden: "You may not do this",
};

/** What to say of a refusal instead of the title that the server gives it. */
export const titleOf = (code: string): string | undefined => TITLES[code];

/** The field that a refusal of the whole is about. */
const FIELDS: Record<string, string> = {
  user_not_found: "user_id",
  reference_reused: "reference",
  refund_exceeds_purchase: "amount",
  email_taken: "email",
  invalid_referral_code: "referral_code",
  referrer_inactive: "referral_code",
  referral_limit_reached: "referral_code",
  effective_date_in_past: "effective_from",
  last_sale_ahead: "effective_from",
};

export const fieldOf = (code: string): string | undefined => FIELDS[code];

/** What the server says, and what a person is told; the first that fits. */
const WORDS: [said: RegExp, told: string][] = [
  [/^invalid value: integer.*whole number.*/, "this number is too large"],
  [/^invalid .*whole number.*/, "this must be a whole number"],
  [/^(invalid (type|value)|missing field|number out of range).*/, "fill this in"],
  [/^unknown (field|variant).*/, "this is not known here"],
  [/must be a decimal number .*/, "must be an amount such as 2500.00"],
  [/must be a percentage .*/, "must be a rate from 0 to 100 with at most two decimals, such as 2.5"],
  [/printable ASCII characters without surrounding spaces, such as "(.*)"/, "plain letters, digits and signs, such as $1"],
  [/ask for after_last_sale to begin after that sale/, "choose a day after that sale"],
  [/^User (\d+) does not exist/, "there is no member $1"],
  [/^Send `Authorization: Bearer`.*|^The API key or access token is .*/, "sign in again to go on"],
  [/^This API key or access token does not open this/, "your access does not include it"],
];

const INSTANT = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;

/** A refusal as a sentence: "must be more than zero" → "This must be more than zero." */
export function inPlainWords(said: string): string {
  if (said === "") return "";
  const [pattern, words] = WORDS.find(([pattern]) => pattern.test(said)) ?? ["", ""];
  // Times first: the seconds of one may look like an amount.
  const timed = said.replace(pattern, words).replace(INSTANT, formatMoment);
  const told = withMoney(timed, programmeCurrency.value).replace(/^(?:[a-z_]+ )?(?=(must|may|cannot) )/, "this ");
  return `${told.charAt(0).toUpperCase()}${told.slice(1)}${/[.!?]$/.test(told) ? "" : "."}`;
}
