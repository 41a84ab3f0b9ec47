// one row is: the server's name, versions and edition
// parameters: none
// from: the server itself (the embedded server says what it is compatible with)
// read by: user_intel/graph/connection.py
CALL dbms.components() YIELD name, versions, edition
RETURN name, versions, edition
