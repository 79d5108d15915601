// Where our kernel shows a sign-in card that becomes its own result, the text on stock tslab has the
// prompt as well: what is written there cannot be replaced.
const DEVICE_CODE =
  "To sign in, use a web browser to open the page http://127.0.0.1:PORT/devicelogin and enter the code CODE to authenticate.";
const BROWSER = "A browser window was opened on the machine of the kernel: sign in there.";

/**
 * What stock tslab writes before what our kernel shows, by the name of a notebook and the id of a
 * cell. But for those of `WRITTEN_INSTEAD`, all cells have the text of our kernel, and nothing else.
 */
export const WRITTEN_BEFORE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "01-user-sign-in": { "sign-in": DEVICE_CODE, browser: BROWSER, remember: DEVICE_CODE },
  "03-managed-identity": { laptop: DEVICE_CODE },
  "04-list-and-read-the-lake": { "sign-in": DEVICE_CODE },
  "05-write-to-the-lake": { "sign-in": DEVICE_CODE },
  "06-account-management": { "sign-in": DEVICE_CODE },
  "07-load-files-into-dataframes": { "sign-in": DEVICE_CODE },
  "08-query-the-lake-with-sql": { "sign-in": DEVICE_CODE },
  "09-plot-and-report": { "sign-in": DEVICE_CODE },
  "10-scale-out-with-spark": { "sign-in": DEVICE_CODE },
  "11-explore-an-account": { "sign-in": DEVICE_CODE },
  "12-your-own-azure": { "sign-in": DEVICE_CODE },
  "13-coming-from-the-python-articles": { "sign-in": DEVICE_CODE, chain: DEVICE_CODE },
};

/** What stock tslab writes in place of what our kernel shows: a list is not waited for by its cells. */
export const WRITTEN_INSTEAD: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "11-explore-an-account": {
    accounts: 'List of storage accounts: read it by "for await", or collect it',
  },
};
