// The desk as it is deployed: all of it is in the package.

import { createReviewDesk } from "passdesk/worker";

export default createReviewDesk();
