select creditcardid, cardtype
from {{ ref('creditcard') }}
where creditcardid in (select creditcardid from {{ ref('salesorderheader') }})
