import { effect, signal, untracked } from "@preact/signals";

import { announce } from "../../core/announce";
import { api, type Earnings, type Entry, type LevelKey, type Source } from "../../core/api";
import { add, formatMoney, isZero, negate } from "../../core/money";
import { Pages, Resource } from "../../core/resource";
import { dayIn } from "../../core/time";
import { followMember } from "../../live/member-stream";
import { describeEntry } from "../../words";

const PAGE_ROWS = 50;
const PAYOUT_ROWS = 10;
/** How long after a live entry the totals are read again, in ms. */
const SETTLE_MS = 4_000;

/** How often it is looked whether somebody joined, or she was switched off, in ms. */
const STANDING_MS = 10_000;

/** Everything the member page shows of one member, kept up to date by her live entries. */
export class MemberBook {
  readonly user;
  readonly earnings;
  readonly chart;
  readonly today;
  readonly referrals;
  readonly entries: Pages<Entry>;
  readonly payouts;
  /** The entry whose explanation is open. */
  readonly explained = signal<Entry | null>(null);
  /** Entries with a higher `seq` came while the page was open. */
  firstSeq = Number.POSITIVE_INFINITY;
  #settling: number | undefined;
  /** Whether a payout, a returned one or an adjustment came since the last settling. */
  #byHand = false;
  #unfollow: (() => void) | undefined;
  readonly id: number;

  constructor(id: number) {
    this.id = id;
    this.user = new Resource(() => api.user(id));
    this.earnings = new Resource(() => api.earnings(id));
    this.chart = new Resource(() => api.chart(id));
    this.today = new Resource(() => api.today(id));
    this.referrals = new Resource(() => api.referrals(id));
    this.entries = new Pages((cursor) => api.entries(id, PAGE_ROWS, cursor));
    this.payouts = new Pages((cursor) => api.payoutsOfUser(id, PAYOUT_ROWS, cursor));
  }

  explain = (entry: Entry): void => {
    this.explained.value = entry;
  };

  /** Loads all, then follows; returns what stops it. */
  open(): () => void {
    for (const part of [this.user, this.referrals, this.chart, this.payouts]) void part.reload();
    for (const part of [this.earnings, this.entries, this.today]) void part.reload();
    // Whenever they come: what cannot be reached at first is tried again.
    const stopWaiting = effect(() => {
      if (this.#unfollow || !this.earnings.data.value || !this.entries.data.value) return;
      untracked(() => this.#follow());
    });
    const standing = setInterval(() => {
      if (document.hidden) return;
      void this.#lookAtStanding();
      const today = this.today.data.peek();
      if (today && dayIn(today.time_zone, Date.now()) !== dayIn(today.time_zone, today.began_at)) {
        void this.today.reload();
      }
    }, STANDING_MS);
    return () => {
      clearInterval(standing);
      stopWaiting();
      clearTimeout(this.#settling);
      this.#unfollow?.();
      this.#unfollow = undefined;
    };
  }

  /** A place that was taken and a membership that was ended are no entries. */
  async #lookAtStanding(): Promise<void> {
    const before = this.user.data.peek();
    await this.user.reload();
    const after = this.user.data.peek();
    if (before?.slots_used !== after?.slots_used) void this.referrals.reload();
  }

  /** Tries again what could not be loaded. */
  retry = async (): Promise<void> => {
    await Promise.all([this.earnings.reload(), this.entries.reload(), this.user.reload()]);
  };

  #follow(): void {
    const earnings = this.earnings.data.peek();
    if (!earnings || !this.entries.data.peek()) return;
    this.firstSeq = Math.max(earnings.seq, this.entries.rows[0]?.seq ?? 0);
    // From the earlier of the two answers on; each applies what is new to it.
    const after = Math.min(earnings.seq, this.entries.rows[0]?.seq ?? earnings.seq);
    this.#unfollow = followMember(this.id, after, (entry) => this.#apply(entry));
  }

  /** What comes counts today when it is booked today, and was not in the answer. */
  #addToToday(entry: Entry): void {
    this.today.update((today) => {
      const counts = entry.level !== null && entry.seq > today.seq && entry.booked_at >= today.began_at;
      return counts ? { ...today, seq: entry.seq, earned: add(today.earned, entry.amount) } : today;
    });
  }

  #apply(entry: Entry): void {
    if (entry.seq > (this.entries.rows[0]?.seq ?? 0)) this.entries.prepend(entry);
    this.#addToTotals(entry);
    this.#addToToday(entry);
    if (entry.from_user_id !== null) this.#addToSource(entry);
    if (entry.from_user_id === null) this.#byHand = true;
    const currency = this.earnings.data.peek()?.currency;
    if (currency) announce(`${describeEntry(entry)}, ${formatMoney(entry.amount, currency)}`);
    this.#settling ??= window.setTimeout(this.#settle, SETTLE_MS);
  }

  #addToTotals(entry: Entry): void {
    this.earnings.update((earnings) =>
      entry.seq <= earnings.seq ? earnings : addEntry(earnings, entry),
    );
  }

  #addToSource(entry: Entry): void {
    this.chart.update((chart) => {
      const isSource = (source: Source) =>
        source.user_id === entry.from_user_id && source.level === entry.level;
      const bought = entry.kind === "commission" ? 1 : 0;
      if (!chart.sources.some(isSource)) {
        const { others } = chart;
        // Whoever bought for the first time is counted when the chart is read again.
        if (others.people === 0) return chart;
        return {
          ...chart,
          others: {
            ...others,
            amount_earned: add(others.amount_earned, entry.amount),
            purchases: others.purchases + bought,
          },
        };
      }
      const sources = chart.sources.map((source) =>
        isSource(source)
          ? {
              ...source,
              amount_earned: add(source.amount_earned, entry.amount),
              purchases: source.purchases + bought,
            }
          : source,
      );
      return { ...chart, sources };
    });
  }

  /** Reads again what an event does not carry: the parts of the balance, new referrals, payouts. */
  #settle = (): void => {
    this.#settling = undefined;
    if (this.#byHand) {
      void this.payouts.reload();
      this.#readReasons().catch(() => undefined);
    }
    this.#byHand = false;
    void this.#reloadEarnings();
    void this.chart.reload();
    void this.referrals.reload();
  };

  /** Live lines come without the reason that was written for them; they are fine without. */
  async #readReasons(): Promise<void> {
    const { data } = await api.entries(this.id, PAGE_ROWS, null);
    const reasons = new Map(data.map(({ seq, reason }) => [seq, reason ?? null]));
    this.entries.updateRow((entry) => ({ ...entry, reason: reasons.get(entry.seq) ?? entry.reason ?? null }));
  }

  /** Keeps the totals of events that overtook the answer. */
  async #reloadEarnings(): Promise<void> {
    await this.earnings.reload();
    const seq = this.earnings.data.peek()?.seq ?? 0;
    const missed = this.entries.rows.filter((entry) => entry.seq > seq);
    for (const entry of missed.reverse()) this.#addToTotals(entry);
  }
}

/**
 * The totals with one more entry. Until the server is asked again, what is
 * earned goes to what is on hold where anything is, and the rest is available.
 */
function addEntry(earnings: Earnings, entry: Entry): Earnings {
  const level: LevelKey | null = entry.level === null ? null : `level_${entry.level}`;
  const { total, sign } = PART_OF_KIND[entry.kind];
  const held = entry.level !== null && !isZero(earnings.pending);
  const payable = held ? "pending" : "available";
  return {
    ...earnings,
    [payable]: add(earnings[payable], entry.amount),
    seq: entry.seq,
    total_earnings: entry.total_earnings,
    balance: entry.balance,
    [total]: add(earnings[total], sign > 0 ? entry.amount : negate(entry.amount)),
    // A level may earn for the first time while the page is open.
    ...(level !== null && {
      by_level: { ...earnings.by_level, [level]: add(earnings.by_level[level] ?? "0.00", entry.amount) },
    }),
  };
}

/** Where an entry is added up; what takes from the balance is kept as a positive sum. */
const PART_OF_KIND = {
  commission: { total: "commissions", sign: 1 },
  reversal: { total: "reversed", sign: -1 },
  payout: { total: "paid", sign: -1 },
  payout_returned: { total: "paid", sign: -1 },
  adjustment: { total: "adjusted", sign: 1 },
} as const;
