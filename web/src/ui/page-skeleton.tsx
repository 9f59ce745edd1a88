import { Skeleton } from "./states";

/** The outline of a page that is being fetched. */
export function PageSkeleton() {
  return (
    <div class="page">
      <h1 class="visually-hidden">Loading</h1>
      <div class="title-skeleton" />
      <div class="totals-skeleton" />
      <div class="columns">
        <div class="column-side">
          <div class="card">
            <Skeleton rows={5} tall />
          </div>
        </div>
        <div class="column-main">
          <div class="card">
            <Skeleton rows={8} tall />
          </div>
        </div>
      </div>
    </div>
  );
}
