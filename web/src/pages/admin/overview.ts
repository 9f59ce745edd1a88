import { computed } from "@preact/signals";

import { api, type PurchaseInFull, type PurchaseRow } from "../../core/api";
import { rememberName } from "../../core/names";
import { Pages, Resource } from "../../core/resource";
import { Pausable } from "../../live/pausable";
import { followPurchases } from "../../live/purchase-stream";
import { liveStatus } from "../../live/status";

const PAGE_ROWS = 20;
const MEMBER_ROWS = 20;
/** The longest the list of purchases grows by itself. */
const MAX_LIVE_ROWS = 200;
/** How often the list is read again while there is no live connection, in ms. */
const FALLBACK_MS = 15_000;
/** How soon after a purchase the totals are read again, in ms. */
const TOTALS_MS = 5_000;

/** What the admin page shows of the whole programme. */
export class Overview {
  readonly stats = new Resource(api.stats);
  readonly members = new Pages((cursor) => api.users(MEMBER_ROWS, cursor));
  readonly purchases = new Pages<PurchaseRow>(async (cursor) => {
    const page = await api.purchases(PAGE_ROWS, cursor);
    for (const row of page.data) rememberName(row.user_id, row.user_name);
    return page;
  });
  readonly shown = new Pausable(
    computed(() => this.purchases.rows),
    (row) => row.purchase_id,
  );
  /** Purchases that came while the page was open. */
  readonly arrived = new Set<number>();
  #totals: number | undefined;

  /** Loads all, then follows; returns what stops it. */
  open(): () => void {
    void this.stats.reload();
    void this.purchases.reload();
    void this.loadMembers();
    const unfollow = followPurchases(this.#arrive, this.#catchUp);
    const fallback = setInterval(() => {
      if (liveStatus.peek() === "live" || document.hidden) return;
      this.#catchUp();
    }, FALLBACK_MS);
    return () => {
      unfollow();
      clearInterval(fallback);
      clearTimeout(this.#totals);
    };
  }

  loadMembers = async (): Promise<void> => {
    await this.members.reload();
    for (const user of this.members.data.peek()?.data ?? []) rememberName(user.user_id, user.name);
  };

  /** Shows what a refund has left of a purchase. */
  showChanged = ({ purchase_id, refunded, net }: PurchaseInFull): void => {
    this.purchases.updateRow((row) =>
      row.purchase_id === purchase_id ? { ...row, refunded, net } : row,
    );
    this.#reloadTotalsSoon();
  };

  #arrive = (row: PurchaseRow): void => {
    rememberName(row.user_id, row.user_name);
    this.#reloadTotalsSoon();
    if (this.purchases.data.peek()?.data.some((known) => known.purchase_id === row.purchase_id)) return;
    this.arrived.add(row.purchase_id);
    this.purchases.prepend(row);
    // A page left open for a day must not hold a day of purchases.
    this.purchases.update((page) =>
      page.data.length > MAX_LIVE_ROWS ? { ...page, data: page.data.slice(0, MAX_LIVE_ROWS) } : page,
    );
  };

  #catchUp = (): void => {
    void this.purchases.reload();
    this.#reloadTotalsSoon();
  };

  #reloadTotalsSoon(): void {
    this.#totals ??= window.setTimeout(() => {
      this.#totals = undefined;
      void this.stats.reload();
    }, TOTALS_MS);
  }
}
