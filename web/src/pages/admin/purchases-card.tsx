import type { PurchaseRow } from "../../core/api";
import { formatMoney, isZero } from "../../core/money";
import { Card } from "../../ui/card";
import { type Column, DataTable } from "../../ui/data-table";
import { LiveButtons, LiveList } from "../../ui/live-list";
import { LoadMore } from "../../ui/load-more";
import { Empty, Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { OUTCOME_WORDS, pays } from "../../words";
import { type Overview, purchaseId } from "./overview";
import { Found, SearchBox } from "./search";

const HINT = "By number or reference.";

/** With more of them, how many paid says more than a row of marks. */
const MARKED_LEVELS = 3;

interface PurchasesCardProps {
  overview: Overview;
  onOpen: (purchase: number) => void;
}

export function PurchasesCard({ overview, onOpen }: PurchasesCardProps) {
  const { purchases, shown, purchaseFinder: finder } = overview;
  return (
    <Card title="Newest purchases" class="table-card" live={shown} aside={finder.wanted.value === null && <LiveButtons list={shown} />}>
      <SearchBox finder={finder} label="Find a purchase" hint={HINT} />
      {finder.wanted.value === null ? (
        <Loaded of={purchases} skeleton={<Skeleton rows={10} tall />}>
          {() =>
            shown.rows.value.length === 0 ? (
              <Empty title="No purchases yet">
                Report the first one here, or let your shop’s backend post to /api/purchases.
              </Empty>
            ) : (
              <>
                <LiveList list={shown}>
                  <DataTable
                    caption="Purchases, newest first"
                    columns={columns(onOpen)}
                    rows={shown.rows.value}
                    rowKey={(_, place) => place}
                  />
                </LiveList>
                <LoadMore of={shown} />
              </>
            )
          }
        </Loaded>
      ) : (
        <Found finder={finder} caption="Purchases found" columns={columns(onOpen)} rowKey={purchaseId} hint={HINT} />
      )}
    </Card>
  );
}

const columns = (onOpen: (purchase: number) => void): Column<PurchaseRow>[] => [
  {
    header: "Buyer",
    narrow: "title",
    cell: (row) => (
      <button type="button" class="row-button" onClick={() => onOpen(row.purchase_id)}>
        {row.user_name}
        <span class="visually-hidden">, open purchase {row.purchase_id}</span>
      </button>
    ),
  },
  { header: "When", cell: (row) => <Time at={row.created_at} as="recent" /> },
  { header: "Levels", cell: (row) => <Levels row={row} /> },
  {
    header: "Amount",
    figure: true,
    narrow: "value",
    cell: (row) => <Amount row={row} />,
  },
  {
    header: "Commission",
    figure: true,
    cell: (row) => (isZero(row.commission) ? "–" : formatMoney(row.commission, row.currency)),
  },
];

function Amount({ row }: { row: PurchaseRow }) {
  return (
    <span>
      {formatMoney(row.amount, row.currency)}
      {!isZero(row.refunded) && (
        <small class="under">{isZero(row.net) ? "refunded" : "partly refunded"}</small>
      )}
    </span>
  );
}

/** One mark per level: paid or not; the words are in the title and for screen readers. */
function Levels({ row }: { row: PurchaseRow }) {
  if (row.decisions.length > MARKED_LEVELS) {
    const paying = row.decisions.filter(({ outcome }) => pays(outcome)).length;
    return (
      <span class={paying > 0 ? "level-mark paid" : "level-mark"}>
        {paying} of {row.decisions.length}
        <span class="visually-hidden"> levels paid</span>
      </span>
    );
  }
  return (
    <span class="level-marks">
      {row.decisions.map(({ level, outcome }) => (
        <span
          key={level}
          class={pays(outcome) ? "level-mark paid" : "level-mark"}
          title={`Level ${level}: ${OUTCOME_WORDS[outcome]}`}
        >
          L{level}
          <span class="visually-hidden"> {OUTCOME_WORDS[outcome]}</span>
        </span>
      ))}
    </span>
  );
}
