/** Members, how they sign in, and whom they brought. */
import { get, send } from "../http";
import { type Money, type Page, page, type Timestamp } from "./wire";

export interface Me {
  kind: "member" | "admin" | "service";
  user_id: number | null;
  name: string | null;
  scopes: string[];
  expires_at: Timestamp | null;
  currency: string;
  levels: string[];
  commission_above: Money;
  max_direct_referrals: number;
  /** The time zone whose days count, by its IANA name. */
  time_zone: string;
}

export interface User {
  user_id: number;
  name: string;
  email?: string;
  referral_code: string;
  referral_link: string;
  referrer_id: number | null;
  is_active: boolean;
  joined_at: Timestamp;
  slots_used: number;
  slots_limit: number;
  /** What the shop keeps with her; only the owner is told. */
  external_id?: string | null;
  metadata?: Record<string, string>;
}

export interface Session {
  token: string;
  user_id: number;
  expires_at: Timestamp;
}

export interface Registration {
  name: string;
  email: string;
  password?: string;
  referral_code?: string;
}

export interface Registered extends Session {
  message: string;
  name: string;
  referral_code: string;
  referral_link: string;
  referrer_id: number | null;
}

export interface Referral {
  id: number;
  name: string;
  is_active: boolean;
  joined_at: Timestamp;
  /** What the viewed member earned from this person. */
  earned: Money;
}

export interface Referrals {
  user_id: number;
  level_1: Referral[];
  level_2: (Referral & { referred_by: number })[];
  /** How many there are, listed or not. */
  counts: Record<"level_1" | "level_2", number>;
  truncated: boolean;
}

/** What a referral code opens. */
export interface Invitation {
  referral_code: string;
  /** A first name. */
  inviter: string;
  standing: "open" | "full" | "inactive";
}

export const people = {
  me: () => get<Me>("/api/me"),

  signIn: async (email: string, password: string) =>
    (await send<Session>("POST", "/api/sessions", { email, password })).body,

  register: async (registration: Registration) =>
    (await send<Registered>("POST", "/api/users/register", registration)).body,

  invitation: (code: string) => get<Invitation>(`/api/codes/${encodeURIComponent(code)}`),

  user: (id: number) => get<User>(`/api/users/${id}`),

  users: (limit: number, cursor: string | null) =>
    get<Page<User>>(page("/api/users", limit, cursor)),

  /** The one who has this, if there is one. */
  usersBy: (what: "email" | "code" | "external_id", text: string) =>
    get<Page<User>>(`/api/users?${what}=${encodeURIComponent(text)}`).then(({ data }) => data),

  setActive: async (id: number, isActive: boolean) =>
    (await send<User>("PATCH", `/api/users/${id}`, { is_active: isActive })).body,

  referrals: (id: number) => get<Referrals>(`/api/users/${id}/referrals`),
};
