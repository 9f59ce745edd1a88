import { timeZone } from "../../core/time";
import { Button } from "../../ui/button";
import { Field, MoneyField, SelectField } from "../../ui/field";
import { ROUNDING_WORDS } from "../../words";
import type { PlanDraft } from "./draft";

const MAX_LEVELS = 10;
const ROUNDINGS = Object.entries(ROUNDING_WORDS).map(([value, label]) => ({ value, label }));

interface PlanFieldsProps {
  draft: PlanDraft;
  /** What the server found wrong, by field. */
  fields: Readonly<Record<string, string>>;
}

/** The terms of a plan as a form. */
export function PlanFields({ draft, fields }: PlanFieldsProps) {
  return (
    <>
      <LevelFields draft={draft} fields={fields} />
      <div class="form-pair">
        <MoneyField
          label={`Pays on purchases above, in ${draft.currency}`}
          required
          text={draft.above}
          error={fields.commission_above}
        />
        <MoneyField
          label={`Most a level can pay, in ${draft.currency}`}
          placeholder="No limit"
          text={draft.maxCommission}
          error={fields.max_commission}
        />
        <Field
          label="Days on hold"
          inputmode="numeric"
          pattern="[0-9]+"
          required
          text={draft.holdDays}
          error={fields.hold_days}
          hint="Until a commission can be paid out, 0 to 365."
        />
        <Field
          label="Direct referrals each"
          inputmode="numeric"
          pattern="[0-9]+"
          required
          text={draft.places}
          error={fields.max_direct_referrals}
          hint="For registrations from then on."
        />
        <SelectField
          label="Rounding"
          choice={draft.rounding}
          options={ROUNDINGS}
          error={fields.rounding}
        />
        <Field
          label="In force from"
          type="date"
          text={draft.effectiveFrom}
          error={fields.effective_from}
          hint={`Midnight of that day in ${timeZone.value}; at once when empty. A past day only while no purchase was decided since.`}
        />
      </div>
    </>
  );
}

function LevelFields({ draft, fields }: PlanFieldsProps) {
  const rates = draft.rates.value;
  return (
    <fieldset class="levels">
      <legend>Rates, nearest level first</legend>
      <div class="level-fields">
        {rates.map((rate, index) => (
          <Field
            key={index}
            label={`Level ${index + 1}, %`}
            inputmode="decimal"
            pattern="\s*[0-9]{1,3}(\.[0-9]{1,2})?\s*"
            title="A rate such as 5 or 2.5"
            autocomplete="off"
            required
            text={rate}
            error={fields[`levels/${index}`]}
          />
        ))}
      </div>
      {fields.levels !== undefined && (
        <p class="field-note level-problem" role="alert">
          {fields.levels}
        </p>
      )}
      <div class="level-buttons">
        <Button class="button small" off={rates.length >= MAX_LEVELS} onClick={draft.addLevel}>
          Add level {rates.length + 1}
        </Button>
        <Button class="button small" off={rates.length <= 1} onClick={draft.dropLevel}>
          Remove level {rates.length}
        </Button>
      </div>
    </fieldset>
  );
}
