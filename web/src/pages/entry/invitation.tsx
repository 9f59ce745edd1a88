import type { Invitation } from "../../core/api";
import type { Problem } from "../../core/problem";
import type { Resource } from "../../core/resource";
import { Icon } from "../../ui/icons";

/** The answers of somebody who looked a code up and found nothing. */
const NOBODYS = [400, 404];

export const isUnknown = (problem: Problem | null) =>
  problem !== null && NOBODYS.includes(problem.status);

interface InvitationNoteProps {
  of: Resource<Invitation>;
  onDropCode: () => void;
}

/** What is wrong with the code of a link, before anybody types for nothing. */
export function InvitationNote({ of, onDropCode }: InvitationNoteProps) {
  const text = wrong(of);
  if (text === null) return null;
  return (
    <div class="note note-warning" role="status">
      <Icon name="warning" />
      <div class="note-body">
        <p class="note-title">{text.title}</p>
        <p>{text.detail}</p>
        <button type="button" class="button small" onClick={onDropCode}>
          Go on without a code
        </button>
      </div>
    </div>
  );
}

function wrong({ data, problem }: Resource<Invitation>): { title: string; detail: string } | null {
  if (isUnknown(problem.value)) {
    return {
      title: "Nobody has this referral code",
      detail: "Check the link letter by letter, or register without a code.",
    };
  }
  const name = data.value?.inviter ?? "";
  switch (data.value?.standing) {
    case "full":
      return {
        title: `${name} has no free places left`,
        detail: "Whoever invited you has referred as many people as the programme allows. Ask for another link, or register without a code.",
      };
    case "inactive":
      return {
        title: `${name}’s referral code is not in use at present`,
        detail: "The member it belongs to is inactive. Ask for another link, or register without a code.",
      };
    default:
      return null;
  }
}
