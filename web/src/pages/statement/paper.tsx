import type { Entry, Money, Statement } from "../../core/api";
import { formatChange, formatMoney, taken } from "../../core/money";
import { dayInUtc, formatDay, formatMonth, formatUtcDay, now } from "../../core/time";
import { type Column, DataTable } from "../../ui/data-table";
import { Logo } from "../../ui/logo";
import { Empty } from "../../ui/states";
import { Time } from "../../ui/time";
import { counted } from "../../words";
import { EntryAmount } from "../member/entry-amount";
import { EntryName } from "../member/entry-name";
import { type Day, daysOf, describeDay } from "./days";

/** `entry`: one line each; `day`: one line for each day. */
export type Lines = "entry" | "day";

interface PaperProps {
  statement: Statement;
  lines: Lines;
  email: string | null;
  onExplain: (entry: Entry) => void;
}

/** What is on the sheet: whose, which month, the balances, the lines. */
export function Paper({ statement, lines, email, onExplain }: PaperProps) {
  const { currency, entries } = statement;
  const running = `${location.host} · Statement of ${formatMonth(statement.month)} · ${statement.user_name}, member ${statement.user_id} · as of ${formatDay(new Date(now.value).toISOString())}`;
  return (
    <article class="card paper" aria-label={`Statement of ${formatMonth(statement.month)}`}>
      <header class="paper-head">
        <div>
          <p class="paper-name">{statement.user_name}</p>
          <p class="card-note">
            Member {statement.user_id}
            {email !== null && <> · {email}</>}
          </p>
        </div>
        <div class="paper-month">
          <span class="paper-brand">
            <Logo /> Banyan
          </span>
          <p>{formatMonth(statement.month)}</p>
        </div>
      </header>
      <Balances statement={statement} />
      {entries.length === 0 ? (
        <Empty title="No entries in this month">
          The balance is what it was at the end of the month before.
        </Empty>
      ) : lines === "day" ? (
        <DataTable
          caption={`Days of ${formatMonth(statement.month)}, oldest first`}
          columns={dayColumns(currency)}
          rows={daysOf(entries, (entry) => dayInUtc(entry.created_at))}
          rowKey={(day) => day.at}
          running={running}
        />
      ) : (
        <DataTable
          caption={`Entries of ${formatMonth(statement.month)}, oldest first`}
          columns={columns(currency, onExplain)}
          rows={entries}
          rowKey={(entry) => entry.seq}
          running={running}
        />
      )}
      {statement.truncated === true && (
        <p class="card-note paper-foot">
          Only the first {counted(entries.length, "entry", "entries")} are shown; the CSV has all.
        </p>
      )}
      <p class="card-note paper-foot">
        Dates and times are UTC, and a month begins at midnight UTC. Amounts are in {currency}.
      </p>
    </article>
  );
}

function Balances({ statement }: { statement: Statement }) {
  const { currency } = statement;
  const between: { name: string; amount: Money }[] = [
    { name: "Commissions", amount: statement.commissions },
    { name: "Reversed", amount: taken(statement.reversed) },
    { name: "Paid out", amount: taken(statement.paid) },
    { name: "Adjusted", amount: statement.adjusted },
  ];
  return (
    <dl class="balances">
      <div class="balances-end">
        <dt>Opening balance</dt>
        <dd>{formatMoney(statement.opening_balance, currency)}</dd>
      </div>
      {between.map(({ name, amount }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{formatMoney(amount, currency)}</dd>
        </div>
      ))}
      <div class="balances-end">
        <dt>Closing balance</dt>
        <dd>{formatMoney(statement.closing_balance, currency)}</dd>
      </div>
    </dl>
  );
}

const columns = (currency: string, onExplain: (entry: Entry) => void): Column<Entry>[] => [
  { header: "Date", cell: (entry) => <Time at={entry.created_at} as="utc" /> },
  {
    header: "Entry",
    narrow: "title",
    cell: (entry) => <EntryName entry={entry} onExplain={onExplain} />,
  },
  { header: "Purchase", narrow: "hidden", cell: (entry) => entry.purchase_id ?? "–" },
  {
    header: "Amount",
    figure: true,
    narrow: "value",
    cell: (entry) => <EntryAmount entry={entry} currency={currency} />,
  },
  { header: "Balance", figure: true, cell: (entry) => formatMoney(entry.balance, currency) },
];

const dayColumns = (currency: string): Column<Day>[] => [
  { header: "Date", narrow: "title", cell: (day) => formatUtcDay(day.at) },
  { header: "Entries", cell: describeDay },
  {
    header: "Amount",
    figure: true,
    narrow: "value",
    cell: (day) => <span class="amount">{formatChange(day.amount, currency)}</span>,
  },
  { header: "Balance", figure: true, cell: (day) => formatMoney(day.balance, currency) },
];
