import { USERS } from "./people.ts";

/** A security group, whose members are people and other groups. */
export interface Group {
  readonly id: string;
  readonly name: string;
  /** Description on the home page. */
  readonly about: string;
  /** Object ids. */
  readonly members: readonly string[];
}

const ANALYSTS: Group = {
  id: "a7a15500-5d3a-4f0e-8a51-0d9a1b2c3d21",
  name: "analysts",
  about: "Has no role: what it may do, an access list lets it",
  members: USERS.filter(({ upn }) => upn === "mary@contoso.com").map(({ id }) => id),
};

const DATA_TEAM: Group = {
  id: "da7a0000-5d3a-4f0e-8a51-0d9a1b2c3d22",
  name: "data-team",
  about: "Whoever is among the analysts, and Grace",
  members: [
    ANALYSTS.id,
    ...USERS.filter(({ upn }) => upn === "grace@contoso.com").map(({ id }) => id),
  ],
};

export const GROUPS: readonly Group[] = [ANALYSTS, DATA_TEAM];

/** Ids of the groups of a principal, nested ones included. */
export function groupsOf(id: string): readonly string[] {
  const groups = new Set<string>();
  const add = (member: string) => {
    for (const group of GROUPS) {
      if (!group.members.includes(member) || groups.has(group.id)) continue;
      groups.add(group.id);
      add(group.id);
    }
  };
  add(id);
  return [...groups];
}
