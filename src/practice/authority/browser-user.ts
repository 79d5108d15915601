import type { User } from "../directory/people.ts";

/** Whom the pages of a practice cloud take every browser to be signed in as, if anybody. */
export class BrowserUser {
  readonly #approver: User | undefined;
  readonly #keeps: boolean;
  #user: User | undefined;

  /**
   * @param approver always there, where nobody can type
   * @param keeps whether a person who signed in once stays signed in
   */
  constructor(approver: User | undefined, keeps: boolean) {
    this.#approver = approver;
    this.#keeps = keeps;
  }

  get current(): User | undefined {
    return this.#approver ?? this.#user;
  }

  /** The person who stays signed in, and may sign out. */
  get person(): User | undefined {
    return this.#user;
  }

  /** A person has signed in on a page. */
  signIn(user: User): void {
    if (this.#keeps) this.#user = user;
  }

  signOut(): void {
    this.#user = undefined;
  }
}
