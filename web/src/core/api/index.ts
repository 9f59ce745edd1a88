/** The HTTP API as typed calls, one file for each noun. */
import { earnings } from "./earnings";
import { payouts } from "./payouts";
import { people } from "./people";
import { programme } from "./programme";
import { purchases } from "./purchases";
import { rehearsal } from "./rehearsal";

export type * from "./earnings";
export type * from "./payouts";
export type * from "./people";
export type * from "./programme";
export type * from "./purchases";
export type * from "./rehearsal";
export type * from "./wire";

export const api = { ...people, ...earnings, ...purchases, ...payouts, ...programme, ...rehearsal };
