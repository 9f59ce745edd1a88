import { batch } from "@preact/signals";

import { api, type PurchaseInFull, type PurchaseRow, type User } from "../../core/api";
import { rememberName } from "../../core/names";
import { Pages, Resource } from "../../core/resource";
import { LiveRows } from "../../live/live-rows";
import { followPurchases } from "../../live/purchase-stream";
import { liveStatus } from "../../live/status";
import { Finder } from "./finder";
import { findMembers, findPurchases } from "./finding";

const PAGE_ROWS = 20;
const MEMBER_ROWS = 20;
/** How often the list is read again while there is no live connection, in ms. */
const FALLBACK_MS = 15_000;
/** How often the members are looked at again, for who joined or was switched off, in ms. */
const MEMBERS_MS = 10_000;
/** How often new rows are drawn, in ms: what comes within that time comes together. */
const ROWS_MS = 1_000;
/** How soon after a purchase the totals are read again, in ms. */
const TOTALS_MS = 5_000;

export const userId = (user: User) => user.user_id;
export const purchaseId = (row: PurchaseRow) => row.purchase_id;

/** What the admin page shows of the whole programme. */
export class Overview {
  readonly stats = new Resource(api.stats);
  readonly members = new Pages((cursor) => api.users(MEMBER_ROWS, cursor));
  readonly purchases = new Pages<PurchaseRow>(async (cursor) => {
    const page = await api.purchases(PAGE_ROWS, cursor);
    for (const row of page.data) rememberName(row.user_id, row.user_name);
    return page;
  });
  readonly shownMembers = new LiveRows(this.members, userId, MEMBER_ROWS);
  readonly shown = new LiveRows(this.purchases, purchaseId, PAGE_ROWS);
  readonly memberFinder = new Finder(findMembers);
  readonly purchaseFinder = new Finder(findPurchases);
  #totals: number | undefined;
  /** What has come since rows were last drawn, and when the next may be. */
  #arrived: PurchaseRow[] = [];
  #drawing: number | undefined;

  /** Loads all, then follows; returns what stops it. */
  open(): () => void {
    // Whoever left the page by one of its rows neither points at it any more nor has the focus in it.
    for (const list of [this.shown, this.shownMembers]) list.letGo();
    for (const finder of [this.memberFinder, this.purchaseFinder]) finder.refresh();
    void this.stats.reload();
    void this.purchases.refresh(purchaseId);
    void this.loadMembers();
    const unfollow = followPurchases(this.#arrive, this.#catchUp);
    const fallback = setInterval(() => {
      if (liveStatus.peek() === "live" || document.hidden) return;
      this.#catchUp();
    }, FALLBACK_MS);
    const members = setInterval(() => {
      if (!document.hidden) void this.loadMembers();
    }, MEMBERS_MS);
    return () => {
      unfollow();
      clearInterval(fallback);
      clearInterval(members);
      clearTimeout(this.#totals);
      clearTimeout(this.#drawing);
      this.#totals = this.#drawing = undefined;
      this.#arrived = [];
    };
  }

  loadMembers = async (): Promise<void> => {
    await this.members.refresh(userId);
    for (const user of this.members.data.peek()?.data ?? []) rememberName(user.user_id, user.name);
  };

  /** Shows what a refund has left of a purchase. */
  showChanged = ({ purchase_id, refunded, net }: PurchaseInFull): void => {
    for (const list of [this.purchases, this.purchaseFinder]) {
      list.updateRow((row) => (row.purchase_id === purchase_id ? { ...row, refunded, net } : row));
    }
    this.#reloadTotalsSoon();
  };

  /** Shows that a member was switched off, or on. */
  showMember = (changed: User): void => {
    for (const list of [this.members, this.memberFinder]) {
      list.updateRow((user) => (user.user_id === changed.user_id ? changed : user));
    }
    void this.stats.reload();
  };

  #arrive = (row: PurchaseRow): void => {
    rememberName(row.user_id, row.user_name);
    this.#reloadTotalsSoon();
    this.#arrived.push(row);
    if (this.#drawing === undefined) this.#draw();
  };

  #draw(): void {
    const rows = this.#arrived;
    this.#arrived = [];
    this.#drawing = rows.length === 0 ? undefined : window.setTimeout(() => this.#draw(), ROWS_MS);
    batch(() => {
      for (const row of rows) this.shown.arrive(row);
    });
  }

  #catchUp = (): void => {
    void this.purchases.refresh(purchaseId);
    this.#reloadTotalsSoon();
  };

  #reloadTotalsSoon(): void {
    this.#totals ??= window.setTimeout(() => {
      this.#totals = undefined;
      void this.stats.reload();
    }, TOTALS_MS);
  }
}
