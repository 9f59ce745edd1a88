import { useEffect, useMemo } from "preact/hooks";

import { api, type ChainLink, type Entry, type Explanation } from "../../core/api";
import { formatChange, formatMoney, withMoney } from "../../core/money";
import { Resource } from "../../core/resource";
import { type Column, DataTable } from "../../ui/data-table";
import { Dialog } from "../../ui/dialog";
import { Figure } from "../../ui/figure";
import { Loaded, Skeleton } from "../../ui/states";
import { Time } from "../../ui/time";
import { OUTCOME_WORDS, WHY_WORDS } from "../../words";

interface ExplainDialogProps {
  entry: Entry;
  currency: string;
  /** For those who may see purchases. */
  onPurchase: ((id: number) => void) | null;
  onClose: () => void;
}

/** How one line of a ledger came about, in sentences and in figures. */
export function ExplainDialog({ entry, currency, onPurchase, onClose }: ExplainDialogProps) {
  const explanation = useMemo(() => new Resource(() => api.explain(entry.id)), [entry.id]);
  useEffect(() => {
    void explanation.reload();
  }, [explanation]);
  return (
    <Dialog title={WHY_WORDS[entry.kind]} size="wide" onClose={onClose}>
      <Figure class="dialog-figure" text={formatChange(entry.amount, currency)} />
      <Loaded of={explanation} skeleton={<Skeleton rows={4} />}>
        {(explained) => (
          <div class="explanation">
            {explained.sentences.map((sentence, index) => (
              <p key={index}>{withMoney(sentence, currency)}</p>
            ))}
            {explained.chain !== null && explained.chain.length > 0 && (
              <Chain chain={explained.chain} currency={currency} />
            )}
            <Facts explained={explained} currency={currency} onPurchase={onPurchase} />
          </div>
        )}
      </Loaded>
    </Dialog>
  );
}

function Chain({ chain, currency }: { chain: ChainLink[]; currency: string }) {
  const columns: Column<ChainLink>[] = [
    {
      header: "Level",
      narrow: "title",
      cell: (link) => (
        <span>
          Level {link.level}
          {link.user_name !== null && <small class="under">{link.user_name}</small>}
        </span>
      ),
    },
    { header: "Rate", cell: (link) => link.rate },
    { header: "Of", figure: true, cell: (link) => formatMoney(link.base, currency) },
    { header: "Exactly", figure: true, cell: (link) => <span class="exact">{link.exact}</span> },
    {
      header: "Came to",
      figure: true,
      narrow: "value",
      cell: (link) => (
        <span>
          {formatMoney(link.amount, currency)}
          <small class="under">{OUTCOME_WORDS[link.outcome]}</small>
        </span>
      ),
    },
  ];
  return (
    <DataTable
      caption="What each level of the purchase came to"
      columns={columns}
      rows={chain}
      rowKey={(link) => link.level}
    />
  );
}

interface FactsProps {
  explained: Explanation;
  currency: string;
  onPurchase: ((id: number) => void) | null;
}

function Facts({ explained: { entry, purchase }, currency, onPurchase }: FactsProps) {
  return (
    <dl class="facts">
      <div>
        <dt>Entry</dt>
        <dd>
          {entry.id} · <Time at={entry.created_at} />
        </dd>
      </div>
      {purchase !== null && (
        <div>
          <dt>Purchase</dt>
          <dd>
            {onPurchase === null ? (
              purchase.purchase_id
            ) : (
              <button
                type="button"
                class="row-button"
                onClick={() => onPurchase(purchase.purchase_id)}
              >
                Open purchase {purchase.purchase_id}
              </button>
            )}{" "}
            · plan version {purchase.plan_version}
          </dd>
        </div>
      )}
      <div>
        <dt>Balance after</dt>
        <dd>{formatMoney(entry.balance, currency)}</dd>
      </div>
    </dl>
  );
}
