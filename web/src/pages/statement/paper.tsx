import type { Entry, Money, Statement, StatementLine } from "../../core/api";
import { formatChange, formatMoney, taken } from "../../core/money";
import { dayIn, formatDay, formatDayOfMonth, formatLine, formatMonth, formatNamed, now } from "../../core/time";
import { type Column, DataTable } from "../../ui/data-table";
import { Logo } from "../../ui/logo";
import { Empty } from "../../ui/states";
import { counted, describeKind } from "../../words";
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
  const { currency, entries, time_zone: zone } = statement;
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
      {statement.truncated === true && (
        <p class="card-note paper-foot">
          Only the first {counted(entries.length, "entry", "entries")} are shown; the CSV has all.
        </p>
      )}
      <p class="card-note paper-foot">
        Dates and times are those of {zone}. Amounts are in {currency}. <Closing of={statement} />
      </p>
      {entries.length === 0 ? (
        <Empty title="No entries in this month">
          The balance is what it was at the end of the month before.
        </Empty>
      ) : lines === "day" ? (
        <DataTable
          caption={`Days of ${formatMonth(statement.month)}, oldest first`}
          columns={dayColumns(currency, zone)}
          rows={daysOf(entries, (entry) => dayIn(zone, entry.booked_at))}
          rowKey={(day) => day.at}
          paper={{ running, linesOf: (day) => linesOf(describeDay(day)) }}
        />
      ) : (
        <DataTable
          caption={`Entries of ${formatMonth(statement.month)}, oldest first`}
          columns={columns(currency, zone, onExplain)}
          rows={entries}
          rowKey={(entry) => entry.seq}
          paper={{ running, linesOf: (entry) => linesOf(textOf(entry)) }}
        />
      )}
    </article>
  );
}

/** How many letters of a line are sure to fit beside the date and the figures. */
const LINE_LETTERS = 40;

const linesOf = (text: string) => Math.ceil(text.length / LINE_LETTERS);

/** What the widest cell of a line says. */
const textOf = (entry: Entry) => `${entry.from_user ?? ""} ${entry.reason ?? ""} ${describeKind(entry)}`;

/** Whether the month can still change. */
function Closing({ of: { closed_at, reopened_at } }: { of: Statement }) {
  const again = reopened_at !== null && <> It was opened again on {formatDay(reopened_at)}.</>;
  if (closed_at === null) return <>This month is not closed: what is told late can still be added.{again}</>;
  return (
    <>
      This month was closed on {formatDay(closed_at)}.{again}
    </>
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

const columns = (
  currency: string,
  zone: string,
  onExplain: (entry: Entry) => void,
): Column<StatementLine>[] => [
  { header: "Date", cell: (entry) => <Booked entry={entry} zone={zone} /> },
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
  { header: "Balance", figure: true, cell: (entry) => formatMoney(entry.statement_balance, currency) },
];

/** When a line was booked, and of which day it is where that is another one. */
function Booked({ entry, zone }: { entry: StatementLine; zone: string }) {
  const { booked_at, created_at } = entry;
  return (
    <>
      <time dateTime={booked_at} title={formatNamed(booked_at)}>
        {formatLine(booked_at, zone)}
      </time>
      {dayIn(zone, booked_at) !== dayIn(zone, created_at) && (
        <small class="under">of {formatDayOfMonth(created_at, zone)}</small>
      )}
    </>
  );
}

const dayColumns = (currency: string, zone: string): Column<Day>[] => [
  { header: "Date", narrow: "title", cell: (day) => formatDayOfMonth(day.at, zone) },
  { header: "Entries", cell: describeDay },
  {
    header: "Amount",
    figure: true,
    narrow: "value",
    cell: (day) => <span class="amount">{formatChange(day.amount, currency)}</span>,
  },
  { header: "Balance", figure: true, cell: (day) => formatMoney(day.balance, currency) },
];
